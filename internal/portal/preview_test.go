package portal

import (
	"context"
	"errors"
	"slices"
	"testing"

	"fieldgate/internal/apperr"
	"fieldgate/internal/postgres"
)

// TestPreviewLoosensNothing: a preview shows what contacts without access would
// see, archived ones never, and on the same connection nobody else sees more.
func TestPreviewLoosensNothing(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	for _, tt := range []struct {
		name    string
		preview []string
	}{
		{"Lee", []string{"kim's", "kim's old", "lee's", "no site"}},
		{"Kim", []string{"kim's", "kim's old"}},
		{"Pia", []string{"kim's"}},
		{"Max", []string{"kim's", "kim's old", "lee's", "no site"}},
		{"Ivy, invited", []string{"kim's", "kim's old", "lee's", "no site"}},
		{"Art, archived", nil},
		{"Gus of Gone", nil},
		{"Ola as of Harbour", nil},
		{"nobody", nil},
		{"Harbour without contact", nil},
	} {
		v := personas[tt.name]
		own := look(t, r, v, "select name from portal.jobs order by name")
		previewed := v
		previewed.Preview.Staff = 1
		if got := look(t, r, previewed, "select name from portal.jobs order by name"); !slices.Equal(got, tt.preview) {
			t.Errorf("a preview as %s shows %v, want %v", tt.name, got, tt.preview)
		}
		if got := look(t, r, v, "select name from portal.jobs order by name"); !slices.Equal(got, own) {
			t.Errorf("%s sees %v after a preview, %v before", tt.name, got, own)
		}
	}
	for conn := range 8 { // whichever connection is at hand
		var set string
		if err := db.QueryRow(context.Background(), `select coalesce(current_setting('portal.preview', true), '')`).Scan(&set); err != nil || set != "" {
			t.Errorf("connection %d keeps %q, %v", conn, set, err)
		}
	}
}

func TestDeskDoesNothingInAPreview(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	v := personas["Lee"]
	v.Preview.Staff = 1
	err := NewService(db, r, nil, nil, nil).transact(context.Background(), v, func(Viewer) bool { return true }, func(postgres.Tx, Viewer) error {
		t.Error("something was done")
		return nil
	})
	if !errors.Is(err, apperr.Forbidden{}) {
		t.Error(err)
	}
}
