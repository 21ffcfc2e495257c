package download

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fieldgate/internal/blob"
	"fieldgate/internal/imaging"
)

// short is a store whose files end before they should.
type short struct{ blob.Store }

func (s short) Open(ctx context.Context, key string) (blob.File, error) {
	f, err := s.Store.Open(ctx, key)
	f.Size++
	return f, err
}

func TestZip(t *testing.T) {
	t.Parallel()
	store, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	put := func(content string) string {
		key := blob.NewKey()
		if err := store.Put(t.Context(), key, strings.NewReader(content), int64(len(content)), ""); err != nil {
			t.Fatal(err)
		}
		return key
	}
	text := strings.Repeat("hello ", 100)
	files := []File{
		{Key: put(text), Name: "a.txt", Type: imaging.Text.MIME},
		{Key: blob.NewKey(), Name: "lost.pdf", Type: imaging.PDF.MIME},
		{Key: put("a picture"), Name: "a.jpg", Type: imaging.JPEG.MIME},
		{Key: put("another"), Name: "A.jpg", Type: imaging.JPEG.MIME},
	}
	w := httptest.NewRecorder()
	if err := Zip(w, httptest.NewRequest(http.MethodGet, "/", nil), store, "J-1001 files.zip", files, "“b.jpg” is still being prepared."); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len()))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"a.txt": text, "a.jpg": "a picture", "A (2).jpg": "another",
		"Not included.txt": "“b.jpg” is still being prepared.\r\n“lost.pdf” could not be found.\r\n",
	}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil || string(content) != want[f.Name] || (f.Method == zip.Store) != strings.HasSuffix(f.Name, ".jpg") {
			t.Errorf("%s by method %d: %q, %v", f.Name, f.Method, content, err)
		}
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("not packed: %v", want)
	}
	head := httptest.NewRecorder()
	if err := Zip(head, httptest.NewRequest(http.MethodHead, "/", nil), store, "J-1001 files.zip", files); err != nil || head.Body.Len() > 0 {
		t.Errorf("HEAD packs %d bytes, %v", head.Body.Len(), err)
	}
	for _, w := range []*httptest.ResponseRecorder{w, head} {
		if d := w.Header().Get("Content-Disposition"); d != `attachment; filename="J-1001 files.zip"` {
			t.Error(d)
		}
	}
}

func TestAnArchiveBreaksOffWithItsFile(t *testing.T) {
	t.Parallel()
	store, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	key := blob.NewKey()
	if err := store.Put(t.Context(), key, strings.NewReader("half"), 4, ""); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p := recover(); p != http.ErrAbortHandler { //nolint:errorlint // the server compares it so
			t.Errorf("recovered %v", p)
		}
	}()
	_ = Zip(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), short{store}, "x.zip", []File{{Key: key, Name: "half.jpg"}})
	t.Error("the archive was closed as if it were whole")
}
