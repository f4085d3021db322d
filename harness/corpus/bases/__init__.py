"""Bases: workers who forget nothing, over small repositories; every one of a seed, made without a draw from anywhere else."""
