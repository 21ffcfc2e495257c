package contact_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/contact"
)

// A permission is a field of Permissions, a row of PermissionFields and a column.
func TestPermissionsHaveRowsAndColumns(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	rows, err := db.Query(t.Context(), `
		select column_name::text from information_schema.columns
		where table_schema = 'public' and table_name = 'contacts' and (column_name ~ '^(jobs|quotes|equipment|company|contacts)_' or column_name = 'all_sites')
		order by column_name collate "C"`)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	fields := make([]string, 0, len(columns))
	for _, f := range contact.PermissionFields {
		fields = append(fields, f.Name)
		if f.Label == "" || f.Area == "" || (f.Short == "") != (len(f.Scopes()) > 0) {
			t.Errorf("%s is not named in full: %q of %q, %q", f.Name, f.Label, f.Area, f.Short)
		}
		var nothing contact.Permissions
		p := nothing
		f.Set(&p, string(contact.All))
		if !f.Has(p) || f.Has(nothing) || p.Within(nothing) || !nothing.Within(contact.Everything) || contact.PresetOf(p) == contact.PresetOf(contact.Everything) {
			t.Errorf("%s makes no difference", f.Name)
		}
	}
	fields = append(fields, "all_sites")
	if sorted := slices.Sorted(slices.Values(fields)); !slices.Equal(sorted, columns) {
		t.Errorf("rows %v, columns %v", sorted, columns)
	}
	var tags []string
	for field := range reflect.TypeFor[contact.Permissions]().Fields() {
		tags = append(tags, field.Tag.Get("json"))
	}
	if !slices.Equal(tags, append(fields, "sites")) {
		t.Errorf("the struct has %v, the rows are %v", tags, fields)
	}
}
