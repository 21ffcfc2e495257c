package fileimport

import (
	"testing"

	"fieldgate/internal/dbtest"
)

// Folders are called after records as people call folders.
func TestFoldersAreNamedByPeople(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	_, err := db.Exec(t.Context(), `
		insert into customers (number, name) values ('C-1001', 'Quay Hotel');
		insert into job_types (name, colour) values ('Repair', 'blue');
		insert into jobs (number, customer_id, description, job_type_id, status, origin) select n, 1, 'x', 1, 'unscheduled', 'office' from unnest(array['J-1001', '2024', '2024-001']) n`)
	if err != nil {
		t.Fatal(err)
	}
	r := NewRecords(db)
	for path, want := range map[string]string{
		"J-1001/a.jpg": "job J-1001", "photos/j-1001 Smith, kitchen/a.jpg": "job J-1001", "J-1001 - Smith/a.jpg": "job J-1001", "Job 2024/a.jpg": "job 2024", "2024/a.jpg": "job 2024",
		"2024 photos/a.jpg": "", "2024-001 Smith/a.jpg": "", "Smith J-1001/a.jpg": "", "C-1001 Quay Hotel/a.jpg": "customer C-1001", "Job/a.jpg": "",
	} {
		rec, why, err := r.OfPath(t.Context(), path)
		if err != nil || rec.Name != want || (why == "") != (want != "") {
			t.Errorf("%s: %q %q %v, want %q", path, rec.Name, why, err, want)
		}
	}
}
