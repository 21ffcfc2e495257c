// Package download sends files out of the store.
package download

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/blob"
	"fieldgate/internal/ics"
)

// File is what to send. Inline shows it in the browser instead of saving it.
type File struct {
	Key    string
	Name   string
	Type   string // MIME
	Inline bool
	Folder string // in an archive; "" for none

	Modified time.Time // what an archive says; when it was stored if zero
}

// Send sends a file, or the part of it that was asked for. Whatever is in it,
// the browser may not run it; and every look asks again whether it is allowed,
// since sharing may end.
func Send(w http.ResponseWriter, r *http.Request, store blob.Store, f File) error {
	content, err := store.Open(r.Context(), f.Key)
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", disposition(f))
	h.Set("Content-Security-Policy", "default-src 'none'; object-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Cache-Control", "no-store") // what is somebody's is kept nowhere; the ETag is for going on with a download
	h.Set("ETag", `"`+f.Key+`"`)       // a key never holds anything else
	http.ServeContent(w, r, "", content.Modified, content)
	return nil
}

// Document sends a document that was made for this request, to be read in the
// browser. It may change with what it tells of, so that nobody keeps it.
func Document(w http.ResponseWriter, r *http.Request, name string, pdf []byte) error {
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", disposition(File{Name: name, Inline: true}))
	h.Set("Content-Security-Policy", "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'") // object: the browser's own reader
	h.Set("Cache-Control", "no-store")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(pdf))
	return nil
}

// Text sends a file that was made for this request, to be saved.
func Text(w http.ResponseWriter, name, kind string, content []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", disposition(File{Name: name}))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(content) // the reader has gone; nobody is left to tell
	return nil
}

// Calendar sends an entry for calendars, internal/ics: not as an attachment, as
// phones then offer to take it over instead of putting it with the files.
func Calendar(w http.ResponseWriter, name string, e ics.Event) error {
	h := w.Header()
	h.Set("Content-Type", ics.Type(e.Method()))
	h.Set("Content-Disposition", disposition(File{Name: name, Inline: true}))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(ics.Write(e)) // the reader has gone; nobody is left to tell
	return nil
}

// Feed sends a calendar that is read again and again, or says that it is as it
// was: calendars ask all day. It is judged by what it says, not by the moment of
// which it says so. Nobody keeps it: its address is a secret.
func Feed(w http.ResponseWriter, r *http.Request, c ics.Calendar, now time.Time) error {
	sum := sha256.Sum256(c.Write(time.Time{}))
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`
	h := feedHeader(w)
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache")
	has := func(asked string) bool {
		return asked == "*" || strings.TrimPrefix(asked, "W/") == strings.TrimPrefix(tag, "W/")
	}
	if slices.ContainsFunc(strings.FieldsFunc(r.Header.Get("If-None-Match"), func(c rune) bool { return c == ',' || c == ' ' }), has) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", ics.Type(c.Method()))
	h.Set("Content-Disposition", disposition(File{Name: "calendar.ics", Inline: true}))
	body := c.Write(now)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the reader has gone; nobody is left to tell
	return nil
}

// NoFeed is what a calendar gets whose address is nobody's, or no longer, in
// words for whoever opens it in a browser; wait is for one that asks too often.
func NoFeed(w http.ResponseWriter, wait time.Duration) error {
	h := feedHeader(w)
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	status, words := http.StatusNotFound, "There is no calendar at this address. It may have been renewed or ended.\n"
	if wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		status, words = http.StatusTooManyRequests, "This calendar is read too often. Once an hour is enough.\n"
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(words)) // the reader has gone; nobody is left to tell
	return nil
}

// feedHeader keeps the secret in the address from other sites and from search engines.
func feedHeader(w http.ResponseWriter) http.Header {
	h := w.Header()
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	return h
}

// disposition names the file twice: in ASCII for old clients and in UTF-8
// (RFC 6266, RFC 8187).
func disposition(f File) string {
	kind := "attachment"
	if f.Inline {
		kind = "inline"
	}
	ascii := strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' || c == '"' || c == '\\' || c == '%' || c == '/' {
			return '_'
		}
		return c
	}, f.Name)
	if ascii == f.Name {
		return fmt.Sprintf(`%s; filename="%s"`, kind, ascii)
	}
	return fmt.Sprintf(`%s; filename="%s"; filename*=utf-8''%s`, kind, ascii, extended(f.Name))
}

// extended writes a name as RFC 8187 asks, 3.2.1: all but letters, digits and a
// few signs by their bytes.
func extended(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("!#$&+-.^_`|~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
