"""Quizzes: online tests on books, with every item in three languages."""
