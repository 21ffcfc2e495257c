package contact

// Preset is a common set of permissions with a name. A preset says nothing about sites.
type Preset struct {
	Key, Name, Words string
	Permissions      Permissions
}

// Custom is the key of permissions that are none of the presets.
const Custom = "custom"

// Presets are the common sets of permissions; the first is the default.
var Presets = []Preset{
	{
		Key: "see-all", Name: "See all jobs and quotes", Words: "Sees all jobs, quotes and equipment of the customer. Changes nothing.",
		Permissions: Permissions{JobsSee: All, QuotesSee: All, EquipmentSee: All},
	},
	{
		Key: "own-jobs", Name: "Own jobs only", Words: "Sees only their own jobs; no quotes, no equipment.",
		Permissions: Permissions{JobsSee: Own, QuotesSee: None, EquipmentSee: None},
	},
	{
		Key: "request-work", Name: "Request work", Words: "Creates jobs and asks for quotes. Sees their own ones, and all equipment.",
		Permissions: Permissions{JobsSee: Own, JobsCreate: true, QuotesSee: Own, QuotesCreate: true, EquipmentSee: All},
	},
	{
		Key: "full", Name: "Full access", Words: "Sees, creates and edits everything, accepts quotes, edits company details and manages other people’s access.",
		Permissions: Everything,
	},
}

// PresetOf is the key of the preset with these permissions, or Custom.
func PresetOf(p Permissions) string {
	for _, preset := range Presets {
		if preset.Permissions.same(p) {
			return preset.Key
		}
	}
	return Custom
}

// PresetPermissions are the permissions of a preset, at all sites; ok is false
// for Custom and for keys of none.
func PresetPermissions(key string) (p Permissions, ok bool) {
	for _, preset := range Presets {
		if preset.Key == key {
			p = preset.Permissions
			p.AllSites = true
			return p, true
		}
	}
	return Permissions{}, false
}

// PresetName names permissions in a word or two.
func PresetName(p Permissions) string {
	key := PresetOf(p)
	for _, preset := range Presets {
		if preset.Key == key {
			return preset.Name
		}
	}
	return "Custom"
}
