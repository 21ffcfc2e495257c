package export_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"fieldgate/internal/blob"
	"fieldgate/internal/exchange"
	"fieldgate/internal/export"
	"fieldgate/internal/importing"
	"fieldgate/internal/sheet"
)

// small is an export of nearly nothing, whose parts and manifest change touches.
func small(t *testing.T, change func(parts map[string]string, m *manifest)) []byte {
	t.Helper()
	ours := newInstallation(t)
	ours.exec(t, `insert into customers (number, name) values ('C-1', 'Harbour Dental')`)
	var out bytes.Buffer
	if _, err := export.Write(t.Context(), &out, export.Source{Pool: ours.db, Store: ours.store, Version: "test"}, export.Options{Form: export.AsCSV, Files: true}); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	var m manifest
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name != "manifest.json" {
			parts[f.Name] = string(content)
		} else if err := json.Unmarshal(content, &m); err != nil {
			t.Fatal(err)
		}
	}
	change(parts, &m)
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	parts["manifest.json"] = string(text)
	var changed bytes.Buffer
	w := zip.NewWriter(&changed)
	for name, content := range parts {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return changed.Bytes()
}

type manifest struct {
	export.Manifest
	Parts []export.Part `json:"parts"`
}

// What is no whole export of ours is refused in words, before anything of it is
// imported.
func TestExportsThatAreNotWhole(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(parts map[string]string, m *manifest)
		says   string // "" for one that is fine
		tables bool   // it is seen when the tables are read
	}{
		"as it was made": {func(map[string]string, *manifest) {}, "", true},
		"a part is missing": {func(parts map[string]string, _ *manifest) {
			delete(parts, "tables/customers.csv")
		}, "is missing or another one", false},
		"a part has other bytes": {func(parts map[string]string, _ *manifest) {
			parts["tables/customers.csv"] = strings.Replace(parts["tables/customers.csv"], "Harbour", "Hanover", 1)
		}, "The export is damaged", true},
		"a part was put in": {func(parts map[string]string, _ *manifest) {
			parts["files/C-1/letter.txt"] = "Dear"
		}, "was put into the export afterwards", false},
		"what a Mac packs beside it": {func(parts map[string]string, _ *manifest) {
			parts["__MACOSX/._manifest.json"] = "x"
		}, "", true},
		"it unpacks to far more": {func(parts map[string]string, m *manifest) {
			parts["tables/customers.csv"] = strings.Repeat("0", 30<<20)
			for i := range m.Parts {
				if m.Parts[i].Name == "tables/customers.csv" {
					m.Parts[i].Size = 30 << 20
				}
			}
		}, "times as large", true},
		"without tables": {func(parts map[string]string, m *manifest) {
			clear(parts)
			m.Parts = nil
		}, "There is no table", true},
	} {
		content := small(t, tt.change)
		opened, err := export.OpenArchive(bytes.NewReader(content), int64(len(content)), "everything.zip", nil)
		if err == nil && tt.tables {
			var forget func()
			if _, forget, err = opened.Tables(); err == nil {
				forget()
			}
		}
		refused, _ := errors.AsType[sheet.Refusal](err)
		if tt.says == "" && err != nil || tt.says != "" && !strings.Contains(refused.Sentence, tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	another := small(t, func(_ map[string]string, m *manifest) { m.Program = "Another" })
	if _, err := export.OpenArchive(bytes.NewReader(another), int64(len(another)), "everything.zip", nil); !errors.Is(err, export.ErrNone) {
		t.Errorf("of another program: %v", err)
	}
	half := small(t, func(map[string]string, *manifest) {})
	half = half[:len(half)/2]
	if _, err := export.OpenArchive(bytes.NewReader(half), int64(len(half)), "everything.zip", nil); err == nil || errors.Is(err, export.ErrNone) {
		t.Errorf("half of it: %v", err)
	}
}

// An export without its files says so, and imports all else.
func TestExportsWithoutFiles(t *testing.T) {
	t.Parallel()
	ours := newInstallation(t)
	ours.exec(t, `insert into customers (number, name) values ('C-1', 'Harbour Dental')`)
	ours.exec(t, `insert into staff (name, role) values ('Tom', 'field')`)
	ours.exec(t, `insert into attachments (customer_id, name, kind, media_type, size, blob_key, state, uploaded_by_staff_id) select c.id, 'letter.txt', 'document', 'text/plain', 4, 'none', 'ready', s.id from customers c, staff s`)
	var out bytes.Buffer
	if _, err := export.Write(t.Context(), &out, export.Source{Pool: ours.db, Store: ours.store, Version: "test"}, export.Options{Form: export.AsCSV}); err != nil {
		t.Fatal(err)
	}
	theirs := newInstallation(t)
	id, _, done := theirs.bring(t, "tables.zip", out.Bytes())
	i, err := importing.Find(t.Context(), theirs.db, id)
	if err != nil {
		t.Fatal(err)
	}
	n := slices.IndexFunc(i.Mapping.Sheets, func(s importing.SheetMapping) bool { return s.Kind == importing.Kind(exchange.Files) })
	if !i.Mapping.Sheets[n].Skip || !strings.Contains(strings.Join(i.Tables[n].Notes, " "), "not in it") {
		t.Errorf("files: %v %q", i.Mapping.Sheets[n].Skip, i.Tables[n].Notes)
	}
	if n := slices.IndexFunc(done, func(c importing.Counts) bool { return c.Kind == exchange.Customers && c.Added == 1 }); n < 0 {
		t.Errorf("no customer came in: %+v", done)
	}
}

// A file that storage had lost is refused, in words, and the rest comes in.
func TestExportsWithLostFiles(t *testing.T) {
	t.Parallel()
	ours := newInstallation(t)
	ours.exec(t, `insert into customers (number, name) values ('C-1', 'Harbour Dental')`)
	ours.exec(t, `insert into staff (name, role) values ('Tom', 'field')`)
	kept := blob.NewKey()
	ours.exec(t, `
		insert into attachments (customer_id, name, kind, media_type, size, blob_key, state, uploaded_by_staff_id)
		select c.id, f.name, 'document', 'text/plain', 4, f.key, 'ready', s.id from customers c, staff s, (values ('letter.txt', $1), ('note.txt', $2)) f (name, key)`, blob.NewKey(), kept)
	if err := ours.store.Put(t.Context(), kept, strings.NewReader("Dear"), 4, "text/plain"); err != nil {
		t.Fatal(err)
	}
	was := ours.export(t, export.AsCSV)
	theirs := newInstallation(t)
	w := theirs.importer(t, nil)
	i := theirs.begin(t, w, "everything.zip", was.zip)
	if err := w.RunImport(t.Context(), theirs.by(t), i.ID, 0, false); err != nil {
		t.Fatal(err)
	}
	theirs.work(t, w, i.ID)
	refused, err := importing.RefusedLines(t.Context(), theirs.db, i.ID)
	if err != nil || len(refused) != 1 || refused[0].Label != "letter.txt" || !strings.Contains(refused[0].Problems.Error(), "storage did not have it") {
		t.Errorf("refused: %+v, %v", refused, err)
	}
	var name string
	if err := theirs.db.QueryRow(t.Context(), `select name from attachments`).Scan(&name); err != nil || name != "note.txt" {
		t.Errorf("%q, %v", name, err)
	}
}
