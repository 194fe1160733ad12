"""Markets, liquidations and densities as CSV and Parquet files, here or wherever fsspec reaches."""
