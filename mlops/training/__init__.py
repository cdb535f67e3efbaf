"""TrainingSpec -> split -> fit -> evaluate -> gate; runs in workers only."""
