package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// portal is Fieldgate's API: see /api of any installation.
type portal struct{ client }

// source is under which the portal keeps ServiceM8's ids. The token has to be
// made for it.
const source = "servicem8"

// line is a line of a bulk.
type line struct {
	Kind     string         `json:"kind"`
	External string         `json:"external"`
	Record   map[string]any `json:"record"`
}

// became is what became of one.
type became struct {
	Line   int    `json:"line"`
	State  string `json:"state"`
	ID     string `json:"id"`
	Errors []struct {
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"errors"`
}

func (b became) why() string {
	var all []string
	for _, e := range b.Errors {
		all = append(all, strings.TrimSpace(e.Field+": "+e.Message))
	}
	return strings.Join(all, "; ")
}

// most is how many lines are sent at once.
const most = 500

// bulk brings things in, and calls refused for those that the portal does not take.
func (p portal) bulk(ctx context.Context, lines []line, refused func(line, string)) error {
	for len(lines) > 0 {
		some := lines[:min(most, len(lines))]
		var body bytes.Buffer
		for _, l := range some {
			text, err := json.Marshal(l)
			if err != nil {
				return err //nolint:wrapcheck // texts are always written
			}
			body.Write(append(text, '\n'))
		}
		a, err := p.call(ctx, http.MethodPost, "/bulk", body.Bytes(), "Content-Type", "application/x-ndjson")
		if err != nil {
			return err
		}
		done := 0
		for text := range bytes.Lines(a.body) {
			var b became
			if err := json.Unmarshal(text, &b); err != nil || b.Line < 1 || b.Line > len(some) {
				break // the answer was cut off: what is behind it comes again
			}
			if b.State == "failed" {
				break
			}
			if b.State == "refused" {
				refused(some[b.Line-1], b.why())
			}
			done = b.Line
		}
		if done == 0 {
			return errors.New("the portal took none of the lines")
		}
		lines = lines[done:]
	}
	return nil
}

// put creates or changes one thing by its id in ServiceM8.
func (p portal) put(ctx context.Context, kind, uuid string, record map[string]any) error {
	body, err := json.Marshal(record)
	if err != nil {
		return err //nolint:wrapcheck // texts are always written
	}
	_, err = p.call(ctx, http.MethodPut, "/"+kind+"/by-external/"+source+"/"+url.PathEscape(uuid), body)
	return err
}

// known is a record as far as this looks at it.
type known struct {
	ID            string     `json:"id"`
	Number        string     `json:"number"`
	Name          string     `json:"name"`
	Customer      string     `json:"customer"`
	Description   string     `json:"description"`
	Status        string     `json:"status"`
	PurchaseOrder string     `json:"purchase_order"`
	Email         string     `json:"email"`
	Phone         string     `json:"phone"`
	Mobile        string     `json:"mobile"`
	ExternalIDs   []external `json:"external_ids"`
	Street        struct {
		Line1    string `json:"line1"`
		City     string `json:"city"`
		Region   string `json:"region"`
		Postcode string `json:"postcode"`
		Country  string `json:"country"`
	} `json:"street"`
}

type external struct {
	Source string `json:"source"`
	ID     string `json:"id"`
}

// uuid is the id in ServiceM8, "" for none.
func (k known) uuid() string { return uuidOf(k.ExternalIDs) }

func uuidOf(all []external) string {
	for _, e := range all {
		if e.Source == source {
			return e.ID
		}
	}
	return ""
}

// find is a thing by its id in ServiceM8; without an ID, there is none.
func (p portal) find(ctx context.Context, kind, uuid string) (known, error) {
	k, err := p.read(ctx, kind, "by-external/"+source+"/"+url.PathEscape(uuid))
	if is(err, http.StatusNotFound) {
		err = nil
	}
	return k, err
}

// read reads one thing by its id, or by external/source/id.
func (p portal) read(ctx context.Context, kind, id string) (k known, err error) {
	a, err := p.call(ctx, http.MethodGet, "/"+kind+"/"+id, nil)
	if err != nil {
		return k, err
	}
	return k, a.into(&k)
}

// at is the record of a job of ServiceM8: a job, or else a quote; "" for none.
func (p portal) at(ctx context.Context, uuid string) (path string, err error) {
	for _, kind := range []string{"jobs", "quotes"} {
		k, err := p.find(ctx, kind, uuid)
		if err != nil {
			return "", err
		}
		if k.ID != "" {
			return "/" + kind + "/" + url.PathEscape(k.ID), nil
		}
	}
	return "", nil
}

// content is the bytes of a file.
func (p portal) content(ctx context.Context, id string) ([]byte, error) {
	a, err := p.call(ctx, http.MethodGet, "/files/"+url.PathEscape(id)+"/content", nil)
	return a.body, err
}

// addFile adds a file to a record; the same bytes stay one file.
func (p portal) addFile(ctx context.Context, record, name string, content []byte) error {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part := w.WriteField("sha256", fmt.Sprintf("%x", sha256.Sum256(content)))
	file, err := w.CreateFormFile("file", name)
	if err = errors.Join(part, err); err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, w.Close()); err != nil {
		return err
	}
	_, err = p.call(ctx, http.MethodPost, record+"/files", body.Bytes(), "Content-Type", w.FormDataContentType())
	return err
}

// file is one that a customer has added or removed.
type file struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// event is what a customer did.
type event struct {
	ID     string    `json:"id"`
	Number int64     `json:"number"`
	Kind   string    `json:"type"`
	At     time.Time `json:"timestamp"`
	Data   struct {
		Customer struct {
			Number string `json:"number"`
			Name   string `json:"name"`
		} `json:"customer"`
		Contact *struct {
			Name string `json:"name"`
		} `json:"contact"`
		Subject struct {
			Kind        string     `json:"kind"`
			Number      string     `json:"number"`
			ExternalIDs []external `json:"external_ids"`
		} `json:"subject"`
		Changes map[string]struct {
			Before any `json:"before"`
			After  any `json:"after"`
		} `json:"changes"`
		Answer *struct {
			FullName      string `json:"full_name"`
			PurchaseOrder string `json:"purchase_order"`
			Reason        string `json:"reason"`
		} `json:"answer"`
		Visit *struct {
			Suits  bool   `json:"suits"`
			Reason string `json:"reason"`
		} `json:"visit"`
		Message *struct {
			Text  string `json:"text"`
			Files []file `json:"files"`
		} `json:"message"`
		File   *file  `json:"file"`
		Reason string `json:"reason"`
	} `json:"data"`
}

// changes are what was edited, as requests have it.
func (e event) changes() (all []ask) {
	for _, field := range slices.Sorted(maps.Keys(e.Data.Changes)) {
		c := e.Data.Changes[field]
		label := strings.ReplaceAll(field, "_", " ")
		all = append(all, ask{field, strings.ToUpper(label[:1]) + label[1:], said(c.Before), said(c.After)})
	}
	return all
}

func said(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// who did it, by name.
func (e event) who() string {
	if e.Data.Contact != nil {
		return e.Data.Contact.Name
	}
	return e.Data.Customer.Name
}

type feed struct {
	Events []event `json:"events"`
	Next   int64   `json:"next"`
	More   bool    `json:"more"`
	Missed bool    `json:"missed"`
}

// events are what customers did behind a number.
func (p portal) events(ctx context.Context, after int64) (f feed, err error) {
	a, err := p.call(ctx, http.MethodGet, fmt.Sprintf("/events?limit=100&after=%d", after), nil)
	if err != nil {
		return f, err
	}
	return f, a.into(&f)
}
