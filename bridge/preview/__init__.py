"""Pictures that show off a build: the parts of the contact sheet and of the moving scene."""
