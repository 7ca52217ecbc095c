"""`recorded`: sent after the commit that wrote an entry, with society_id (UUID) and number (int)."""

from django.dispatch import Signal

recorded = Signal()
