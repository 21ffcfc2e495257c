package blob

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const s3Secret = "not-a-secret-but-forty-characters-long-1"

// s3 speaks as much of S3 as a Store needs, over HTTP: it is the other side of
// the wire, not a stand-in for our code. It knows one bucket, and looks at the
// name in the signature and not at its proof.
type s3 struct {
	server *httptest.Server
	bucket string

	mu      sync.Mutex
	objects map[string]s3Object
	full    func(w http.ResponseWriter) // answers puts; nil while there is room
}

type s3Object struct {
	body     []byte
	kind     string
	modified time.Time
}

func startS3(t *testing.T, bucket string) *s3 {
	t.Helper()
	s := &s3{bucket: bucket, objects: map[string]s3Object{}}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

func (s *s3) address() string {
	return "s3://tester:" + s3Secret + "@" + strings.TrimPrefix(s.server.URL, "http://") + "/" + s.bucket + "?region=eu-north-1&insecure=true"
}

func (s *s3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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

// refuse has puts answered with a code from now on.
func (s *s3) refuse(status int, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = func(w http.ResponseWriter) { refuse(w, status, code) }
}

func (s *s3) put(w http.ResponseWriter, r *http.Request, key string) {
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
	s.objects[key] = s3Object{body: body, kind: r.Header.Get("Content-Type"), modified: time.Now()}
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

func (s *s3) get(w http.ResponseWriter, r *http.Request, key string) {
	s.mu.Lock()
	object, ok := s.objects[key]
	s.mu.Unlock()
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	w.Header().Set("ETag", `"e"`)
	w.Header().Set("Content-Type", object.kind)
	http.ServeContent(w, r, "", object.modified, bytes.NewReader(object.body))
}

func (s *s3) list(w http.ResponseWriter) {
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
