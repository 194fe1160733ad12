"""What `build.py` is made of. Never imported by the page or the package."""
