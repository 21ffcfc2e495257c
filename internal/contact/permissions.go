package contact

import (
	"slices"

	"fieldgate/internal/problem"
)

// See says which records of an area a contact sees.
type See string

// What a contact may see of an area. Equipment knows only None and All.
const (
	None See = "none"
	Own  See = "own"
	All  See = "all"
)

// Permissions are the rights of a contact in the portal, as the office sets them.
type Permissions struct {
	JobsSee        See  `json:"jobs_see"`
	JobsEdit       bool `json:"jobs_edit"`
	JobsCreate     bool `json:"jobs_create"`
	QuotesSee      See  `json:"quotes_see"`
	QuotesEdit     bool `json:"quotes_edit"`
	QuotesCreate   bool `json:"quotes_create"`
	QuotesAccept   bool `json:"quotes_accept"` // or decline
	EquipmentSee   See  `json:"equipment_see"`
	EquipmentEdit  bool `json:"equipment_edit"`
	EquipmentAdd   bool `json:"equipment_add"`
	CompanyEdit    bool `json:"company_edit"` // and sites
	ContactsManage bool `json:"contacts_manage"`
	AllSites       bool `json:"all_sites"`
	// Sites are the selected ones when AllSites is false; they come from a table of their own.
	Sites []int64 `json:"sites"`
}

// Preset is a common set of rights with a name. A preset says nothing about sites.
type Preset struct {
	Key, Name, Words string
	Rights           Permissions
}

// Custom is the key of rights that are none of the presets.
const Custom = "custom"

// Presets are the common sets of rights; the first is the default.
var Presets = []Preset{
	{
		Key: "see-all", Name: "See all jobs and quotes", Words: "Looks at all jobs, quotes and equipment of the customer.",
		Rights: Permissions{JobsSee: All, QuotesSee: All, EquipmentSee: All},
	},
	{
		Key: "own-jobs", Name: "Own jobs only", Words: "Looks only at jobs with this contact as main contact; no quotes, no equipment.",
		Rights: Permissions{JobsSee: Own, QuotesSee: None, EquipmentSee: None},
	},
	{
		Key: "request-work", Name: "Request work", Words: "Creates jobs and quote requests, follows their own ones and looks at all equipment.",
		Rights: Permissions{JobsSee: Own, JobsCreate: true, QuotesSee: Own, QuotesCreate: true, EquipmentSee: All},
	},
	{
		Key: "full", Name: "Full access", Words: "Sees, creates and edits everything, accepts quotes, keeps company details and manages the customer's other contacts.",
		Rights: Permissions{
			JobsSee: All, JobsEdit: true, JobsCreate: true, QuotesSee: All, QuotesEdit: true, QuotesCreate: true, QuotesAccept: true,
			EquipmentSee: All, EquipmentEdit: true, EquipmentAdd: true, CompanyEdit: true, ContactsManage: true,
		},
	},
}

// PresetOf is the key of the preset with these rights, or Custom.
func PresetOf(p Permissions) string {
	for _, preset := range Presets {
		if preset.Rights.same(p) {
			return preset.Key
		}
	}
	return Custom
}

// PresetRights are the rights of a preset; ok is false for Custom and for keys of none.
func PresetRights(key string) (rights Permissions, ok bool) {
	for _, preset := range Presets {
		if preset.Key == key {
			return preset.Rights, true
		}
	}
	return Permissions{}, false
}

// Equal reports whether two contacts may see and do the same.
func (p Permissions) Equal(o Permissions) bool {
	p, o = p.tidied(), o.tidied()
	return p.same(o) && p.AllSites == o.AllSites && slices.Equal(p.Sites, o.Sites)
}

// same compares rights without sites.
func (p Permissions) same(o Permissions) bool {
	return p.JobsSee == o.JobsSee && p.JobsEdit == o.JobsEdit && p.JobsCreate == o.JobsCreate &&
		p.QuotesSee == o.QuotesSee && p.QuotesEdit == o.QuotesEdit && p.QuotesCreate == o.QuotesCreate && p.QuotesAccept == o.QuotesAccept &&
		p.EquipmentSee == o.EquipmentSee && p.EquipmentEdit == o.EquipmentEdit && p.EquipmentAdd == o.EquipmentAdd &&
		p.CompanyEdit == o.CompanyEdit && p.ContactsManage == o.ContactsManage
}

// tidied orders the selected sites and forgets them when all are seen. Areas
// nobody said anything about are not seen.
func (p Permissions) tidied() Permissions {
	for _, see := range []*See{&p.JobsSee, &p.QuotesSee, &p.EquipmentSee} {
		if *see == "" {
			*see = None
		}
	}
	if p.AllSites {
		p.Sites = nil
	}
	p.Sites = slices.Compact(slices.Sorted(slices.Values(p.Sites)))
	return p
}

func (p Permissions) check(set problem.Set) {
	set.Unless(p.JobsSee == None || p.JobsSee == Own || p.JobsSee == All, "jobs_see", "Choose which jobs the contact may see.")
	set.Unless(p.QuotesSee == None || p.QuotesSee == Own || p.QuotesSee == All, "quotes_see", "Choose which quotes the contact may see.")
	set.Unless(p.EquipmentSee == None || p.EquipmentSee == All, "equipment_see", "Choose whether the contact may see equipment.")
	set.Unless(p.JobsSee != None || !(p.JobsEdit || p.JobsCreate), "jobs_see", jobsRights)
	set.Unless(p.QuotesSee != None || !(p.QuotesEdit || p.QuotesCreate || p.QuotesAccept), "quotes_see", quotesRights)
	set.Unless(p.EquipmentSee != None || !(p.EquipmentEdit || p.EquipmentAdd), "equipment_see", equipmentRights)
	set.Unless(p.CompanyEdit || !p.ContactsManage, "company_edit", manageRights)
	set.Unless(p.AllSites || len(p.Sites) > 0, "sites", "Tick at least one site, or choose all sites.")
}

// What the dependent rights need, in words; the database refuses the same.
const (
	jobsRights      = "Who edits or creates jobs must at least see their own jobs."
	quotesRights    = "Who edits, creates or accepts quotes must at least see their own quotes."
	equipmentRights = "Who edits or adds equipment must see equipment."
	manageRights    = "Who manages other contacts must be able to edit the company's details too."
)
