"""One exchange a file: requests out, bytes in, columns out."""
