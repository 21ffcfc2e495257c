package job

// StatusRules is how many statuses have rules.
func StatusRules() int { return len(statuses) }
