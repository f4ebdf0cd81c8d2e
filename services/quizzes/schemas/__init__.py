"""Shapes of the HTTP API of quizzes."""
