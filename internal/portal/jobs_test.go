package portal

import (
	"errors"
	"net/url"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/contact"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
)

// as is a persona with the rights that the session would have read.
func as(t *testing.T, r *Reader, name string) Viewer {
	t.Helper()
	v := personas[name]
	err := r.db.(*pgxpool.Pool).QueryRow(t.Context(), `
		select jobs_see, jobs_edit, jobs_create, quotes_see, equipment_see, all_sites, array(select site_id from contact_sites where contact_id = c.id), person_id
		from contacts c where id = $1`, v.Contact,
	).Scan(&v.Permissions.JobsSee, &v.Permissions.JobsEdit, &v.Permissions.JobsCreate, &v.Permissions.QuotesSee, &v.Permissions.EquipmentSee, &v.Permissions.AllSites, &v.Permissions.Sites, &v.Person)
	if err != nil {
		t.Fatal(err)
	}
	if v.Business, err = ReadBusiness(t.Context(), r.db.(*pgxpool.Pool)); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestJobsList(t *testing.T) {
	t.Parallel()
	r, _ := newTown(t)
	for _, tt := range []struct {
		who            string
		q              JobQuery
		jobs           []string
		open, finished int
	}{
		{"Lee", JobQuery{}, []string{"kim's old", "no site", "kim's", "lee's"}, 3, 1},
		{"Kim", JobQuery{}, []string{"kim's old", "kim's"}, 1, 1},
		{"Pia", JobQuery{}, []string{"kim's"}, 1, 0},
		{"Eva", JobQuery{}, nil, 0, 0},
		{"Ned", JobQuery{}, nil, 0, 0},
		{"Lee", JobQuery{Status: Open}, []string{"no site", "kim's", "lee's"}, 3, 1},
		{"Lee", JobQuery{Status: Finished}, []string{"kim's old"}, 3, 1},
		{"Lee", JobQuery{Status: "booked"}, []string{"no site"}, 3, 1},
		{"Lee", JobQuery{Status: "nonsense"}, nil, 3, 1},
		{"Lee", JobQuery{Site: 1}, []string{"kim's old", "lee's"}, 1, 1},
		{"Lee", JobQuery{Site: 3}, nil, 0, 0}, // another customer's
		{"Lee", JobQuery{Query: list.Query{Search: "KIM"}}, []string{"kim's old", "kim's"}, 1, 1},
		{"Lee", JobQuery{Query: list.Query{Search: "tow"}}, []string{"kim's old", "no site", "kim's", "lee's"}, 3, 1}, // by their site, or by a file
		{"Lee", JobQuery{Query: list.Query{Search: "late"}}, nil, 0, 0},                                               // an internal note
		{"Lee", JobQuery{Type: 2}, nil, 0, 0},
	} {
		sort := JobOrders.Read(url.Values{"sort": {"-number"}})
		sort.Search = tt.q.Search
		tt.q.Query = sort
		l, err := r.Jobs(t.Context(), as(t, r, tt.who), tt.q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, j := range l.Rows {
			got = append(got, j.Title())
		}
		if !slices.Equal(got, tt.jobs) || l.Open != tt.open || l.Finished != tt.finished || l.All != tt.open+tt.finished || l.Matching != len(tt.jobs) {
			t.Errorf("%s, %+v: %q, %d open, %d finished, %d matching", tt.who, tt.q, got, l.Open, l.Finished, l.Matching)
		}
	}
}

func TestJob(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, `update jobs set number = 'J-' || id; update quotes set number = 'Q-' || id`)
	lee, kim := as(t, r, "Lee"), as(t, r, "Kim")
	j, err := r.Job(t.Context(), lee, "J-1")
	if err != nil {
		t.Fatal(err)
	}
	if j.Site != "Tower" || j.Type != "Service" || j.TimeLogged.String() != "1.5" || j.QuoteNumber != "Q-4" || j.InvoiceNumber != "INV-1" || j.MainContact != "Lee" ||
		!slices.Equal(j.Staff, []string{"Tom"}) || len(j.History) != 1 || len(j.Tasks) != 1 || len(j.Time) != 1 || len(j.Equipment) != 2 || len(j.Files) != 1 {
		t.Errorf("%+v", j)
	}
	for _, tt := range []struct {
		who    Viewer
		number string
	}{{kim, "J-1"}, {lee, "J-5"}, {lee, "J-9"}, {lee, ""}, {lee, "J-1 "}, {lee, "Ünïcode"}, {as(t, r, "Pia"), "J-1"}, {Viewer{}, "J-1"}} {
		if _, err := r.Job(t.Context(), tt.who, tt.number); !errors.Is(err, apperr.NotFound) {
			t.Errorf("contact %d asks for %q: %v", tt.who.Contact, tt.number, err)
		}
	}
	old, err := r.Job(t.Context(), kim, "J-4")
	if err != nil || old.QuoteNumber != "" || len(old.Equipment) != 0 {
		t.Errorf("what Kim does not see is linked: %+v, %v", old, err)
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, `update attachments set public_id = name`)
	for _, tt := range []struct {
		who, file string
		err       error
	}{
		{"Lee", "lee's photo", nil},
		{"Lee", "lee's hidden", apperr.NotFound},
		{"Lee", "lee's removed", apperr.NotFound},
		{"Lee", "orchard", apperr.NotFound},
		{"Lee", "with draft quote", apperr.NotFound},
		{"Lee", "with staff note", apperr.NotFound},
		{"Kim", "kim's own", nil},
		{"Kim", "lee's photo", apperr.NotFound},
		{"Kim", "contract", apperr.NotFound},
		{"Max", "lee's photo", apperr.NotFound},
		{"Ola", "lee's photo", apperr.NotFound},
		{"Lee", "no such file", apperr.NotFound},
	} {
		f, err := r.File(t.Context(), personas[tt.who], tt.file)
		if !errors.Is(err, tt.err) || (err == nil && f.Name != tt.file) {
			t.Errorf("%s opens %q: %+v, %v", tt.who, tt.file, f, err)
		}
	}
}

func TestWhoMayEditAJob(t *testing.T) {
	t.Parallel()
	lee := Viewer{Contact: 1, Permissions: contact.Permissions{JobsSee: contact.All, JobsEdit: true}}
	asker := Viewer{Contact: 2, Permissions: contact.Permissions{JobsSee: contact.Own, JobsCreate: true}}
	looker := Viewer{Contact: 3, Permissions: contact.Permissions{JobsSee: contact.All}}
	by, sent := int64(2), File{Uploader: new(int64(2))}
	for _, tt := range []struct {
		status                                       job.Status
		leeEdits, leeAdds, askerAdds, askerTakesBack bool
	}{
		{"new", true, true, true, true},
		{"unscheduled", true, true, true, true},
		{"booked", true, true, true, true},
		{"in progress", false, false, true, false},
		{"deferred", false, false, true, false},
		{"completed", false, false, false, false},
		{"closed", false, false, false, false},
		{"cancelled", false, false, false, false},
	} {
		j := Job{JobRow: JobRow{Status: tt.status}, CreatedBy: &by}
		if j.MayEdit(lee) != tt.leeEdits || (j.WhyNotEdit(lee) == "") != tt.leeEdits || j.MayAddFiles(lee) != tt.leeAdds || j.MayAddFiles(asker) != tt.askerAdds || j.MayRemove(asker, sent) != tt.askerTakesBack {
			t.Errorf("%s: %v %q %v %v %v", tt.status, j.MayEdit(lee), j.WhyNotEdit(lee), j.MayAddFiles(lee), j.MayAddFiles(asker), j.MayRemove(asker, sent))
		}
		if j.MayEdit(asker) || j.WhyNotEdit(asker) != "" || j.MayEdit(looker) || j.MayAddFiles(looker) || j.MayRemove(lee, sent) {
			t.Errorf("%s: somebody may what is not theirs", tt.status)
		}
	}
}
