"""Words that several places of a sweep use."""


def duration(seconds: float) -> str:
    """A time for people: seconds, minutes, hours or days."""
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, hours, days = seconds / 60, seconds / 3600, seconds / 86400
    return f"{minutes:.0f} min" if minutes < 90 else f"{hours:.1f} h" if hours < 48 else f"{days:.1f} days"
