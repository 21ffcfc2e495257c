// Package s3test is a store that speaks S3, for tests.
package s3test

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const secret = "not-a-secret-but-forty-characters-long-1"

// Server speaks as much of S3 as a blob.Store needs, over HTTP: it is the other
// side of the wire, not a stand-in for our code. It knows one bucket, and looks
// at the name in the signature and not at its proof.
type Server struct {
	server *httptest.Server
	bucket string

	mu      sync.Mutex
	objects map[string]object
	full    func(w http.ResponseWriter) // answers puts; nil while there is room
	copies  bool
	gets    int
}

type object struct {
	body     []byte
	kind     string
	modified time.Time
}

// Start starts one that ends with the test.
func Start(t testing.TB, bucket string) *Server {
	t.Helper()
	s := &Server{bucket: bucket, objects: map[string]object{}}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

// Address is where a Store finds the bucket, keys and all.
func (s *Server) Address() string {
	return "s3://tester:" + secret + "@" + strings.TrimPrefix(s.server.URL, "http://") + "/" + s.bucket + "?region=eu-north-1&insecure=true"
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case !strings.Contains(r.Header.Get("Authorization"), "Credential=tester/") || !strings.Contains(r.Header.Get("Authorization"), "/eu-north-1/s3/"):
		refuse(w, http.StatusForbidden, "AccessDenied")
	case bucket != s.bucket:
		refuse(w, http.StatusNotFound, "NoSuchBucket")
	case key == "" && r.Method == http.MethodHead:
		w.WriteHeader(http.StatusOK)
	case key == "" && r.Method == http.MethodGet:
		s.list(w)
	case r.Method == http.MethodPut && s.copy(w, r, key):
	case r.Method == http.MethodPut:
		s.put(w, r, key)
	case r.Method == http.MethodDelete:
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		s.get(w, r, key)
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%[1]s</Code><Message>%[1]s</Message></Error>`, code)
}

// Close ends it, as when the network is gone.
func (s *Server) Close() { s.server.Close() }

// Refuse has puts answered with a code from now on.
func (s *Server) Refuse(status int, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = func(w http.ResponseWriter) { refuse(w, status, code) }
}

// Copies lets it copy files by itself from now on.
func (s *Server) Copies() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.copies = true
}

// Gets is how often files were read.
func (s *Server) Gets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gets
}

// copy copies a file if that is asked for. While it does not copy by itself, it takes
// such a request for a put of nothing, as some stores do.
func (s *Server) copy(w http.ResponseWriter, r *http.Request, key string) bool {
	from, err := url.PathUnescape(strings.TrimPrefix(r.Header.Get("X-Amz-Copy-Source"), "/"))
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.objects[strings.TrimPrefix(from, s.bucket+"/")]
	if !s.copies || from == "" || err != nil {
		return false
	}
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return true
	}
	found.modified = time.Now()
	s.objects[key] = found
	w.Header().Set("Content-Type", "application/xml")
	fmt.Fprint(w, `<?xml version="1.0"?><CopyObjectResult><ETag>"e"</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></CopyObjectResult>`)
	return true
}

func (s *Server) put(w http.ResponseWriter, r *http.Request, key string) {
	s.mu.Lock()
	full := s.full
	s.mu.Unlock()
	if full != nil {
		full(w)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err == nil && strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		body, err = unchunk(body)
		if want, e := strconv.Atoi(r.Header.Get("X-Amz-Decoded-Content-Length")); err == nil && (e != nil || want != len(body)) {
			err = fmt.Errorf("%d bytes where %d were announced", len(body), want)
		}
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "IncompleteBody")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[key] = object{body: body, kind: r.Header.Get("Content-Type"), modified: time.Now()}
	w.Header().Set("ETag", `"e"`)
}

// unchunk undoes the signed chunks in which clients send over plain HTTP:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html.
func unchunk(b []byte) ([]byte, error) {
	r := bufio.NewReader(bytes.NewReader(b))
	var body []byte
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		length, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(length, 16, 32)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return body, nil
		}
		chunk := make([]byte, n+2)
		if _, err := io.ReadFull(r, chunk); err != nil {
			return nil, err
		}
		body = append(body, chunk[:n]...)
	}
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, key string) {
	s.mu.Lock()
	found, ok := s.objects[key]
	if r.Method == http.MethodGet {
		s.gets++
	}
	s.mu.Unlock()
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	w.Header().Set("ETag", `"e"`)
	w.Header().Set("Content-Type", found.kind)
	http.ServeContent(w, r, "", found.modified, bytes.NewReader(found.body))
}

func (s *Server) list(w http.ResponseWriter) {
	type entry struct {
		Key          string
		Size         int
		LastModified string
	}
	result := struct {
		XMLName     xml.Name `xml:"ListBucketResult"`
		Name        string
		IsTruncated bool
		Contents    []entry
	}{Name: s.bucket}
	s.mu.Lock()
	for key, o := range s.objects {
		result.Contents = append(result.Contents, entry{key, len(o.body), o.modified.UTC().Format("2006-01-02T15:04:05.000Z")})
	}
	s.mu.Unlock()
	slices.SortFunc(result.Contents, func(a, b entry) int { return strings.Compare(a.Key, b.Key) })
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(result)
}
