"""One pure parser per report format: bytes in, TestResults out."""
