package api

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"fieldgate/internal/blob"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/storage"
	"fieldgate/internal/token"
)

// TestFilesAreFetched fetches from a server of the test's own, which no client of
// the program's would call.
func TestFilesAreFetched(t *testing.T) {
	t.Parallel()
	a := newTrial(t)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/report.txt":
			_, _ = w.Write([]byte("What was done."))
		case "/other.txt":
			w.Header().Set("Content-Digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:")
			_, _ = w.Write([]byte("Other."))
		case "/half.txt":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("Half"))
		case "/long.txt":
			for range 27 {
				_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
			}
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	files, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	store := storage.New(a.db, files)
	a.API = New(Parts{DB: a.db, Answers: token.NewAnswers(a.db), Store: store, Fetch: server.Client(), Office: office.New(a.db, nil, store, nil, nil, notify.Worker{})})
	if _, err := a.db.Exec(t.Context(), `insert into customers (number, name) values ('C-1001', 'Harbour Dental')`); err != nil {
		t.Fatal(err)
	}
	fetch := func(path string) *httptest.ResponseRecorder {
		return a.call("POST", "/customers/C-1001/files", fmt.Sprintf(`{"url":%q,"caption":"Fetched"}`, server.URL+path))
	}
	a.expect(fetch("/report.txt"), 201, `"name":"report.txt"`, `"caption":"Fetched"`, `"size":14`)
	a.expect(fetch("/report.txt"), 200, `"name":"report.txt"`)
	a.expect(fetch("/other.txt"), 422, "Content-Digest")
	a.expect(fetch("/missing.txt"), 422, "answers 404")
	a.expect(fetch("/half.txt"), 422, `"field":"url"`)
	a.expect(fetch("/long.txt"), 422, `"field":"file"`)
}
