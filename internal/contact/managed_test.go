package contact_test

import (
	"testing"
	"time"

	"fieldgate/internal/contact"
)

func TestAManagerReachesWhatIsWithinItsOwnRights(t *testing.T) {
	t.Parallel()
	full, _ := contact.PresetPermissions("full")
	full.AllSites = true
	with := func(change func(*contact.Permissions)) contact.Permissions {
		p := full
		change(&p)
		return p
	}
	atSites := func(sites ...int64) contact.Permissions {
		return with(func(p *contact.Permissions) { p.AllSites, p.Sites = false, sites })
	}
	nothing := contact.Permissions{AllSites: true}
	for _, c := range []struct {
		name   string
		own    contact.Permissions
		others contact.Permissions
		within bool
	}{
		{"everything, everything", full, full, true},
		{"everything, nothing", full, nothing, true},
		{"no acceptance, acceptance", with(func(p *contact.Permissions) { p.QuotesAccept = false }), full, false},
		{"acceptance, none", full, with(func(p *contact.Permissions) { p.QuotesAccept = false }), true},
		{"own jobs, all jobs", with(func(p *contact.Permissions) { p.JobsSee = contact.Own }), full, false},
		{"all jobs, own jobs", full, with(func(p *contact.Permissions) { p.JobsSee = contact.Own }), true},
		{"own jobs, own jobs of somebody else", with(func(p *contact.Permissions) { p.JobsSee = contact.Own }), with(func(p *contact.Permissions) { p.JobsSee = contact.Own }), false},
		{"own jobs, no jobs", with(func(p *contact.Permissions) { p.JobsSee = contact.Own }), with(func(p *contact.Permissions) { p.JobsSee, p.JobsEdit, p.JobsCreate = contact.None, false, false }), true},
		{"own quotes, own quotes of somebody else", with(func(p *contact.Permissions) { p.QuotesSee = contact.Own }), with(func(p *contact.Permissions) { p.QuotesSee = contact.Own }), false},
		{"all quotes, own quotes", full, with(func(p *contact.Permissions) { p.QuotesSee = contact.Own }), true},
		{"no quotes, own quotes", with(func(p *contact.Permissions) {
			p.QuotesSee, p.QuotesEdit, p.QuotesCreate, p.QuotesAccept = contact.None, false, false, false
		}), with(func(p *contact.Permissions) { p.QuotesSee = contact.Own }), false},
		{"no equipment, equipment", with(func(p *contact.Permissions) {
			p.EquipmentSee, p.EquipmentEdit, p.EquipmentAdd = contact.None, false, false
		}), full, false},
		{"all sites, selected", full, atSites(1, 2), true},
		{"selected, all sites", atSites(1, 2), full, false},
		{"selected, some of them", atSites(1, 2), atSites(2), true},
		{"selected, another too", atSites(1, 2), atSites(2, 3), false},
	} {
		if got := c.others.Within(c.own); got != c.within {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestWhomAManagerReaches(t *testing.T) {
	t.Parallel()
	full, _ := contact.PresetPermissions("full")
	full.AllSites = true
	watcher := full
	watcher.ContactsManage = false
	archived := time.Now()
	for _, c := range []struct {
		name  string
		own   contact.Permissions
		other contact.Contact
		reach bool
	}{
		{"another", full, contact.Contact{ID: 2, Permissions: full}, true},
		{"itself", full, contact.Contact{ID: 1, Permissions: full}, false},
		{"one who is archived", full, contact.Contact{ID: 2, Permissions: full, ArchivedAt: &archived}, false},
		{"without the right to manage", watcher, contact.Contact{ID: 2, Permissions: contact.Permissions{AllSites: true}}, false},
	} {
		if got := c.other.WithinReach(1, c.own); got != c.reach {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
