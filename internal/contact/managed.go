package contact

import "slices"

// Within reports whether p allows nothing that o does not, at no site that o
// does not reach. A manager of contacts reaches those within, and grants no more.
func (p Permissions) Within(o Permissions) bool {
	p, o = p.tidied(), o.tidied()
	for _, see := range [][2]See{{p.JobsSee, o.JobsSee}, {p.QuotesSee, o.QuotesSee}, {p.EquipmentSee, o.EquipmentSee}} {
		if see[0].rank() > see[1].rank() {
			return false
		}
	}
	for _, right := range [][2]bool{
		{p.JobsEdit, o.JobsEdit},
		{p.JobsCreate, o.JobsCreate},
		{p.QuotesEdit, o.QuotesEdit},
		{p.QuotesCreate, o.QuotesCreate},
		{p.QuotesAccept, o.QuotesAccept},
		{p.EquipmentEdit, o.EquipmentEdit},
		{p.EquipmentAdd, o.EquipmentAdd},
		{p.CompanyEdit, o.CompanyEdit},
		{p.ContactsManage, o.ContactsManage},
	} {
		if right[0] && !right[1] {
			return false
		}
	}
	if o.AllSites {
		return true
	}
	outside := func(site int64) bool { return !slices.Contains(o.Sites, site) }
	return !p.AllSites && !slices.ContainsFunc(p.Sites, outside)
}

func (s See) rank() int { return slices.Index([]See{None, Own, All}, s) }

// WithinReach reports whether the contact with id manager, whose rights are
// held, may change and suspend c: those within its rights, never itself. What
// has been archived is the office's to fetch back.
func (c Contact) WithinReach(manager int64, held Permissions) bool {
	return held.ContactsManage && c.ID != manager && !c.Archived() && c.Permissions.Within(held)
}
