package officeview

// ActivityWords reports whether the activity page has words for an entry.
func ActivityWords(thing, action string) bool {
	return deeds[thing][action] != "" && kindWords[thing] != ""
}
