package officeview

// KnowsThing reports whether the activity page can filter by a kind of thing.
func KnowsThing(thing string) bool { return kindWords[thing] != "" }
