package fileimport

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// packed is a zip of what fill writes.
func packed(t *testing.T, fill func(*zip.Writer)) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	fill(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func put(t *testing.T, w *zip.Writer, h *zip.FileHeader, content string) {
	t.Helper()
	f, err := w.CreateHeader(h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, content); err != nil {
		t.Fatal(err)
	}
}

func TestPathsOfZips(t *testing.T) {
	t.Parallel()
	link := &zip.FileHeader{Name: "J-1001/link.jpg"}
	link.SetMode(fs.ModeSymlink | 0o777)
	content := packed(t, func(w *zip.Writer) {
		for _, h := range []*zip.FileHeader{
			{Name: "J-1001/"},
			{Name: "J-1001/a.jpg"},
			{Name: `J-1001\b.jpg`},
			{Name: "../J-1001/c.jpg"},
			{Name: "J-1001/../../etc/passwd"},
			{Name: "/etc/passwd"},
			{Name: `C:\J-1001\d.jpg`},
			{Name: `..\J-1001\e.jpg`},
			link,
			{Name: "__MACOSX/J-1001/._a.jpg"},
			{Name: "J-1001/Thumbs.db"},
			{Name: "J-1001/.DS_Store"},
			{Name: "J-1001/k\x81che.jpg", NonUTF8: true},
			{Name: "J-1001/кухня.jpg"},
			{Name: "J-1001/line\nbreak.jpg"},
			{Name: "J-1001/plans.zip"},
		} {
			body := "x"
			if strings.HasSuffix(h.Name, "/") {
				body = ""
			}
			put(t, w, h, body)
		}
	})
	// Encrypted, as its flag says.
	i := bytes.LastIndex(content, []byte("J-1001/plans.zip")) - 46
	content[i+8] |= 1
	a, err := OpenZip(bytes.NewReader(content), int64(len(content)), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range a.Entries() {
		word := "fits"
		switch {
		case e.Why != "":
			word = e.Why
		case e.Junk:
			word = "junk"
		}
		first, _, _ := strings.Cut(word, ".")
		got = append(got, e.Path+": "+first)
	}
	want := []string{
		"J-1001/a.jpg: fits", "J-1001/b.jpg: fits", "../J-1001/c.jpg: Its path leads out of the zip", "J-1001/../../etc/passwd: Its path leads out of the zip",
		"/etc/passwd: Its path begins at the top of a disk", "C:/J-1001/d.jpg: Its path begins at the top of a disk", "../J-1001/e.jpg: Its path leads out of the zip",
		"J-1001/link.jpg: It is a link to another place, not a file", "__MACOSX/J-1001/._a.jpg: junk", "J-1001/Thumbs.db: junk", "J-1001/.DS_Store: junk",
		"J-1001/küche.jpg: fits", "J-1001/кухня.jpg: fits", "J-1001/linebreak.jpg: fits", "J-1001/plans.zip: It is protected with a password",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestZipsThatAreNone(t *testing.T) {
	t.Parallel()
	whole := packed(t, func(w *zip.Writer) { put(t, w, &zip.FileHeader{Name: "J-1001/a.txt"}, strings.Repeat("word ", 10_000)) })
	many := packed(t, func(w *zip.Writer) {
		for i := range MaxEntries + 1 {
			if _, err := w.CreateHeader(&zip.FileHeader{Name: "J-1001/" + strings.Repeat("n", i%7) + "x"}); err != nil {
				t.Fatal(err)
			}
		}
	})
	for name, content := range map[string][]byte{
		"half": whole[:len(whole)/2], "a photo": []byte("\xff\xd8\xff\xe0 a photo"), "nothing": {}, "without an end": whole[:len(whole)-10], "many": many,
	} {
		_, err := OpenZip(bytes.NewReader(content), int64(len(content)), nil)
		if bad, ok := errors.AsType[Unreadable](err); !ok || bad.Words == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	bomb := packed(t, func(w *zip.Writer) {
		put(t, w, &zip.FileHeader{Name: "J-1001/a.txt", Method: zip.Deflate}, strings.Repeat("0", 20<<20))
	})
	a, err := OpenZip(bytes.NewReader(bomb), int64(len(bomb)), nil)
	if err != nil || !strings.Contains(a.Entries()[0].Why, "times as large") {
		t.Errorf("a bomb: %v, %v", a, err)
	}
}

func TestALyingZipIsDamaged(t *testing.T) {
	t.Parallel()
	content := packed(t, func(w *zip.Writer) {
		put(t, w, &zip.FileHeader{Name: "J-1001/a.txt", Method: zip.Deflate}, strings.Repeat("word ", 1000))
	})
	at := bytes.Index(content, []byte("a.txt")) + 8
	content[at] ^= 0xff
	a, err := OpenZip(bytes.NewReader(content), int64(len(content)), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = (&Plan{Archive: a}).Unpack(Item{Path: "J-1001/a.txt"})
	if err == nil || !strings.Contains(err.Error(), "damaged inside the zip") {
		t.Error(err)
	}
}

func TestFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{"J-1001/a.txt": "words", "J-1001/.DS_Store": "x", "secret.txt": "secret"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, "in", name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "in", name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "outside.txt"), []byte("outside"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "outside.txt"), filepath.Join(dir, "in", "J-1001", "b.txt")); err != nil {
		t.Fatal(err)
	}
	a, err := OpenFolder(t.Context(), filepath.Join(dir, "in"))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var got []string
	for i, e := range a.Entries() {
		if e.Why == "" && !e.Junk {
			r, err := a.Open(i)
			if err != nil {
				t.Fatal(err)
			}
			content, _ := io.ReadAll(r)
			r.Close()
			got = append(got, e.Path+"="+string(content))
			continue
		}
		got = append(got, e.Path+" "+e.Why)
	}
	if strings.Join(got, ", ") != "J-1001/.DS_Store , J-1001/a.txt=words, J-1001/b.txt It is a link to another place, not a file., secret.txt=secret" {
		t.Error(got)
	}
	if _, err := OpenFolder(t.Context(), filepath.Join(dir, "nowhere")); err == nil {
		t.Error("a folder that is not there")
	}
}

func TestSheets(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"commas":       "File,Record,Caption,Taken at,Customer View\nJ-1/a.jpg,J-2,\"Before, outside\",2024-05-31 14:30,Y\n",
		"semicolons":   "\xef\xbb\xbffile;record;caption;taken_at;customer view\r\nJ-1/a.jpg;J-2;Before, outside;31/05/2024 14:30;yes\r\n",
		"tabs":         "FILE NAME\tJob number\tDescription\tDate taken\tViewable in Customer Portal\nj-1\\A.jpg\tJ-2\tBefore, outside\t2024:05:31 14:30:00\t1\n",
		"windows-1252": "file,record,caption,date,view\nJ-1/a.jpg,J-2,\"Before, outside\",31.5.2024 14:30,x\nJ-1/k\xfcche.jpg,J-2,,,\n",
	} {
		l, err := readList([]byte(content), 0, ".")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var item Item
		row := l.of("J-1/a.jpg")
		if why := row.apply(&item, false); why != "" || item.Caption != "Before, outside" || !item.Shown || item.Taken == nil || item.Taken.Format("2006-01-02 15:04") != "2024-05-31 14:30" || row.Record != "J-2" {
			t.Errorf("%s: %q %+v", name, why, item)
		}
		if name == "windows-1252" && (l.of("J-1/küche.jpg") == nil || len(l.missing()) != 0) {
			t.Errorf("%s: letters", name)
		}
	}
	for name, content := range map[string]string{"empty": "", "no column": "a,b\n1,2\n"} {
		if _, err := readList([]byte(content), 0, "."); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for cell, row := range map[string]Line{"date": {Taken: "yesterday"}, "view": {View: "perhaps"}, "caption": {Caption: strings.Repeat("x", 201)}} {
		if why := row.apply(&Item{}, false); !strings.HasPrefix(why, "Line 0 of files.csv: ") {
			t.Errorf("%s: %q", cell, why)
		}
	}
	if taken, ok := takenAt("5/31/2024 2:30 PM", true); !ok || taken.Format("2006-01-02 15:04") != "2024-05-31 14:30" {
		t.Error(taken, ok)
	}
}
