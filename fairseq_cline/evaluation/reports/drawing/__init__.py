"""Drawings of plain values; making one needs matplotlib."""
