"""What is done with the animals: visits, prescriptions, laboratory, pictures, operations and the ward."""
