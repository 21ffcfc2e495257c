package contact

import (
	"slices"

	"fieldgate/internal/problem"
)

// Scope says which records of an area a contact sees.
type Scope string

// What a contact may see of an area. Equipment knows only None and All.
const (
	None Scope = "none"
	Own  Scope = "own"
	All  Scope = "all"
)

// Permissions are what a contact may see and do in the portal. Each field but
// the sites has a row in PermissionFields, from which everything else about it
// is derived: its column, its place in the form, what it needs, its words.
type Permissions struct {
	JobsSee        Scope `json:"jobs_see"`
	JobsEdit       bool  `json:"jobs_edit"`
	JobsCreate     bool  `json:"jobs_create"`
	QuotesSee      Scope `json:"quotes_see"`
	QuotesEdit     bool  `json:"quotes_edit"`
	QuotesCreate   bool  `json:"quotes_create"`
	QuotesAccept   bool  `json:"quotes_accept"` // or decline
	EquipmentSee   Scope `json:"equipment_see"`
	EquipmentEdit  bool  `json:"equipment_edit"`
	EquipmentAdd   bool  `json:"equipment_add"`
	CompanyEdit    bool  `json:"company_edit"` // and sites
	ContactsManage bool  `json:"contacts_manage"`
	AllSites       bool  `json:"all_sites"`
	// Sites are the selected ones when AllSites is false; they come from a table of their own.
	Sites []int64 `json:"sites"`
}

// PermissionField is one permission: a scope, which says what of an area may be
// seen, or a right, which is held or not.
type PermissionField struct {
	Name  string // of the column, of the field in forms and in the audit trail
	Label string // where it stands alone, as in the audit trail
	Area  string // of the portal; a form has a row for each
	Short string // of a right, beneath its area

	scope func(*Permissions) *Scope // one of these two
	right func(*Permissions) *bool

	// A scope: what it says of what is seen, and how a form asks for one.
	sees   map[Scope]string
	choose string

	// A right: the permission without which it gives nothing, and what it says.
	// In an area with a scope that follows what is seen, with %s for the records;
	// elsewhere it is a sentence, and without is the one in its place.
	needs   string
	says    string
	without string
	first   bool // said before the area's other rights

	// What others need it for, in words, and the constraint that says so too.
	needed     string
	constraint string
}

// PermissionFields are the permissions, in the order of the form.
var PermissionFields = []PermissionField{
	{
		Name: "jobs_see", Label: "May see jobs", Area: "Jobs", scope: func(p *Permissions) *Scope { return &p.JobsSee },
		choose: "Choose which jobs the contact may see.",
		sees:   map[Scope]string{None: "Sees no jobs.", Own: "Sees their own jobs", All: "Sees all jobs"},
		needed: "Who edits or creates jobs must at least see their own jobs.", constraint: "contact_jobs_rights",
	},
	{
		Name: "jobs_edit", Label: "Edit jobs", Area: "Jobs", Short: "Edit", right: func(p *Permissions) *bool { return &p.JobsEdit },
		needs: "jobs_see", says: "may edit %s until work has started",
	},
	{
		Name: "jobs_create", Label: "Create jobs", Area: "Jobs", Short: "Create", right: func(p *Permissions) *bool { return &p.JobsCreate },
		needs: "jobs_see", says: "may create jobs", first: true,
	},
	{
		Name: "quotes_see", Label: "May see quotes", Area: "Quotes", scope: func(p *Permissions) *Scope { return &p.QuotesSee },
		choose: "Choose which quotes the contact may see.",
		sees:   map[Scope]string{None: "Sees no quotes.", Own: "Sees their own quotes", All: "Sees all quotes"},
		needed: "Who edits, creates or accepts quotes must at least see their own quotes.", constraint: "contact_quotes_rights",
	},
	{
		Name: "quotes_edit", Label: "Edit quotes", Area: "Quotes", Short: "Edit", right: func(p *Permissions) *bool { return &p.QuotesEdit },
		needs: "quotes_see", says: "may edit %s until the quote is sent",
	},
	{
		Name: "quotes_create", Label: "Create quotes", Area: "Quotes", Short: "Create", right: func(p *Permissions) *bool { return &p.QuotesCreate },
		needs: "quotes_see", says: "may request quotes", first: true,
	},
	{
		Name: "quotes_accept", Label: "Accept or decline quotes", Area: "Quotes", Short: "Accept or decline", right: func(p *Permissions) *bool { return &p.QuotesAccept },
		needs: "quotes_see", says: "may accept or decline what is offered",
	},
	{
		Name: "equipment_see", Label: "May see equipment", Area: "Equipment", scope: func(p *Permissions) *Scope { return &p.EquipmentSee },
		choose: "Choose whether the contact may see equipment.",
		sees:   map[Scope]string{None: "Sees no equipment.", All: "Sees all equipment"},
		needed: "Who edits or adds equipment must see equipment.", constraint: "contact_equipment_rights",
	},
	{
		Name: "equipment_edit", Label: "Edit equipment", Area: "Equipment", Short: "Edit", right: func(p *Permissions) *bool { return &p.EquipmentEdit },
		needs: "equipment_see", says: "may edit it",
	},
	{
		Name: "equipment_add", Label: "Add equipment", Area: "Equipment", Short: "Add", right: func(p *Permissions) *bool { return &p.EquipmentAdd },
		needs: "equipment_see", says: "may add equipment", first: true,
	},
	{
		Name: "company_edit", Label: "Edit company details and sites", Area: "My Details", Short: "Edit company details and sites", right: func(p *Permissions) *bool { return &p.CompanyEdit },
		says:    "Sees and edits their own details, the company’s details and its sites.",
		without: "Sees the company’s details, and edits only their own.",
		needed:  "Who manages other contacts must be able to edit the company's details too.", constraint: "contact_manage_rights",
	},
	{
		Name: "contacts_manage", Label: "Manage the customer's other contacts", Area: "Contacts", Short: "Manage the customer's other contacts", right: func(p *Permissions) *bool { return &p.ContactsManage },
		needs: "company_edit", says: "Manages other people’s access, and gives them no more rights than their own.",
	},
}

// Everything is all that can be allowed, at all sites.
var Everything = func() Permissions {
	p := Permissions{AllSites: true}
	for _, f := range PermissionFields {
		f.Set(&p, string(All))
	}
	return p
}()

// scopes are from the narrowest to the widest.
var scopes = []Scope{None, Own, All}

// Scopes are the choices of what may be seen; none for a right.
func (f PermissionField) Scopes() []Scope {
	return slices.DeleteFunc(slices.Clone(scopes), func(s Scope) bool { return f.sees[s] == "" })
}

// Value is the permission among p, as a form writes it: a scope, or "on" for a right.
func (f PermissionField) Value(p Permissions) string {
	if f.scope != nil {
		return string(*f.scope(&p))
	}
	if *f.right(&p) {
		return "on"
	}
	return ""
}

// Set makes p say what a form says.
func (f PermissionField) Set(p *Permissions, value string) {
	if f.scope != nil {
		*f.scope(p) = Scope(value)
	} else {
		*f.right(p) = value != ""
	}
}

// Has reports whether p allows anything of it.
func (f PermissionField) Has(p Permissions) bool { return f.rank(p) > 0 }

// rank orders what a permission allows; -1 is nonsense from a form.
func (f PermissionField) rank(p Permissions) int {
	if f.scope != nil {
		return slices.Index(scopes, *f.scope(&p))
	}
	if *f.right(&p) {
		return 1
	}
	return 0
}

// beyond reports whether p allows more of it than o does.
func (f PermissionField) beyond(p, o Permissions) bool {
	return f.rank(p) > f.rank(o) || (f.scope != nil && *f.scope(&p) == Own && *f.scope(&o) != All)
}

// GrantableBy reports whether somebody with these permissions may give others
// any of it: what is own is one's own alone, and so are the rights over it.
func (f PermissionField) GrantableBy(own Permissions) bool {
	if f.scope != nil {
		return *f.scope(&own) == All
	}
	return f.Has(own) && (f.needs == "" || permission(f.needs).GrantableBy(own))
}

// applies reports whether p has what the permission needs.
func (f PermissionField) applies(p Permissions) bool {
	return f.needs == "" || permission(f.needs).rank(p) != 0
}

func permission(name string) PermissionField {
	return PermissionFields[slices.IndexFunc(PermissionFields, func(f PermissionField) bool { return f.Name == name })]
}

// Equal reports whether two contacts may see and do the same.
func (p Permissions) Equal(o Permissions) bool {
	p, o = p.tidied(), o.tidied()
	return p.same(o) && p.AllSites == o.AllSites && slices.Equal(p.Sites, o.Sites)
}

// same compares permissions whatever the sites.
func (p Permissions) same(o Permissions) bool {
	return !slices.ContainsFunc(PermissionFields, func(f PermissionField) bool { return f.Value(p) != f.Value(o) })
}

// Within reports whether p allows nothing that o does not, at no site that o
// does not reach. A manager of contacts reaches those within, and grants no more.
// Own is relative: what another contact calls their own is within nothing but all.
func (p Permissions) Within(o Permissions) bool {
	p, o = p.tidied(), o.tidied()
	if slices.ContainsFunc(PermissionFields, func(f PermissionField) bool { return f.beyond(p, o) }) {
		return false
	}
	if o.AllSites {
		return true
	}
	outside := func(site int64) bool { return !slices.Contains(o.Sites, site) }
	return !p.AllSites && !slices.ContainsFunc(p.Sites, outside)
}

// tidied orders the selected sites and forgets them when all are seen. Areas
// nobody said anything about are not seen.
func (p Permissions) tidied() Permissions {
	for _, f := range PermissionFields {
		if f.scope != nil && *f.scope(&p) == "" {
			*f.scope(&p) = None
		}
	}
	if p.AllSites {
		p.Sites = nil
	}
	p.Sites = slices.Compact(slices.Sorted(slices.Values(p.Sites)))
	return p
}

func (p Permissions) check(set problem.Set) {
	for _, f := range PermissionFields {
		set.Unless(f.scope == nil || slices.Contains(f.Scopes(), *f.scope(&p)), f.Name, f.choose)
		if f.Has(p) && !f.applies(p) {
			set.Add(f.needs, permission(f.needs).needed)
		}
	}
	set.Unless(p.AllSites || len(p.Sites) > 0, "sites", "Tick at least one site, or choose all sites.")
}

// Needs says what is missing for the permissions that were chosen, by the field
// that would supply it; nil when nothing is.
func (p Permissions) Needs() problem.Set {
	set := problem.Set{}
	p.tidied().check(set)
	if len(set) == 0 {
		return nil
	}
	return set
}
