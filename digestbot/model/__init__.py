"""The words of the house: values without IO, clock or chance. Nothing here imports another room."""
