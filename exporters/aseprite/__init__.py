"""Files that Aseprite opens: frames, times, tags, a palette, and a slice with the pivot."""
