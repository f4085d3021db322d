"""What a run will take: earlier rows, measured models, the night played beforehand."""
