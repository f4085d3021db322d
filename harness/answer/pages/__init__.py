"""The pages of answers: one file each that asks nothing of any network; pure but for reading their own templates."""
