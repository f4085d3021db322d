"""What a gateway does all day."""
