package contact_test

import (
	"slices"
	"strings"
	"testing"

	"fieldgate/internal/contact"
)

func TestWords(t *testing.T) {
	t.Parallel()
	preset := func(key string) contact.Permissions {
		p, ok := contact.PresetPermissions(key)
		if !ok {
			t.Fatal(key)
		}
		p.AllSites = true
		return p
	}
	for _, tt := range []struct {
		name        string
		permissions contact.Permissions
		sites       []string
		want        string
	}{
		{"nothing", permissions(func(*contact.Permissions) {}), nil, "Sees no jobs. Sees no quotes. Sees no equipment. Sees the company’s details, and edits only their own."},
		{
			"see all jobs and quotes", preset("see-all"), nil,
			"Sees all jobs, and changes nothing. Sees all quotes, and changes nothing. Sees all equipment, and changes nothing. Sees the files that were shared with the customer as a whole. Sees the company’s details, and edits only their own.",
		},
		{
			"own jobs only", preset("own-jobs"), nil,
			"Sees their own jobs, and changes nothing. Sees no quotes. Sees no equipment. Sees the company’s details, and edits only their own.",
		},
		{
			"request work", preset("request-work"), nil,
			"Sees their own jobs, may create jobs. Sees their own quotes, may request quotes. Sees all equipment, and changes nothing. Sees the company’s details, and edits only their own.",
		},
		{
			"full access", preset("full"), nil,
			"Sees all jobs, may create jobs and may edit them until work has started. Sees all quotes, may request quotes, may edit them until the quote is sent and may accept or decline what is offered. " +
				"Sees all equipment, may add equipment and may edit it. Sees the files that were shared with the customer as a whole. " +
				"Sees and edits their own details, the company’s details and its sites. Manages other people’s access, and gives them no more rights than their own.",
		},
		{
			"two sites", permissions(func(p *contact.Permissions) { p.JobsSee, p.AllSites, p.Sites = contact.All, false, []int64{1, 2} }),
			[]string{"George Street", "Pitt Street"},
			"Only at George Street and Pitt Street: everything at other sites, or without a site, is hidden. Sees all jobs, and changes nothing. Sees no quotes. Sees no equipment. Sees the company’s details, and edits only their own.",
		},
		{
			"no site ticked yet", permissions(func(p *contact.Permissions) { p.AllSites = false }), nil,
			"Sees nothing yet: no site is ticked. Sees no jobs. Sees no quotes. Sees no equipment. Sees the company’s details, and edits only their own.",
		},
		{
			"permissions without sight give nothing", permissions(func(p *contact.Permissions) { p.JobsCreate, p.QuotesAccept, p.ContactsManage = true, true, true }), nil,
			"Sees no jobs. Sees no quotes. Sees no equipment. Sees the company’s details, and edits only their own.",
		},
	} {
		if got := strings.Join(tt.permissions.Words(tt.sites), " "); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		permissions contact.Permissions
		fields      []string
	}{
		{"nothing wanting", permissions(func(p *contact.Permissions) { p.JobsSee, p.JobsCreate = contact.Own, true }), nil},
		{"create without seeing", permissions(func(p *contact.Permissions) { p.JobsCreate = true }), []string{"jobs_see"}},
		{"accept without seeing", permissions(func(p *contact.Permissions) { p.QuotesAccept = true }), []string{"quotes_see"}},
		{"add without seeing", permissions(func(p *contact.Permissions) { p.EquipmentAdd = true }), []string{"equipment_see"}},
		{"manage without editing the company", permissions(func(p *contact.Permissions) { p.ContactsManage = true }), []string{"company_edit"}},
		{"selected sites, none ticked", permissions(func(p *contact.Permissions) { p.AllSites = false }), []string{"sites"}},
	} {
		var got []string
		for field := range tt.permissions.Needs() {
			got = append(got, field)
		}
		if !slices.Equal(got, tt.fields) {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
