package main

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // names records, and protects nothing
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

// serviceM8 is its REST API: developer.servicem8.com.
type serviceM8 struct{ client }

// edited is how ServiceM8 writes moments: in the account's own time zone, whole
// seconds.
const edited = "2006-01-02 15:04:05"

// head is what all its records have.
type head struct {
	UUID   string `json:"uuid"`
	Active int    `json:"active"`
	Edited string `json:"edit_date"`
}

type company struct {
	head
	Name     string `json:"name"`
	Street   string `json:"address_street"`
	City     string `json:"address_city"`
	State    string `json:"address_state"`
	Postcode string `json:"address_postcode"`
	Country  string `json:"address_country"`
}

type companyContact struct {
	head
	Company string `json:"company_uuid"`
	First   string `json:"first"`
	Last    string `json:"last"`
	Email   string `json:"email"`
	Phone   string `json:"phone"`
	Mobile  string `json:"mobile"`
	Type    string `json:"type"`
}

type category struct {
	head
	Name string `json:"name"`
}

type m8Job struct {
	head
	Company       string `json:"company_uuid"`
	Status        string `json:"status"`
	Description   string `json:"job_description"`
	Work          string `json:"work_done_description"`
	Number        string `json:"generated_job_id"`
	PurchaseOrder string `json:"purchase_order_number"`
	Category      string `json:"category_uuid"`
	QuoteSent     string `json:"quote_sent_stamp"`
}

// The statuses of a job of ServiceM8, where a quote is a job, too.
const (
	m8Quote        = "Quote"
	m8WorkOrder    = "Work Order"
	m8Completed    = "Completed"
	m8Unsuccessful = "Unsuccessful"
)

type material struct {
	head
	Job      string `json:"job_uuid"`
	Name     string `json:"name"`
	Quantity string `json:"quantity"`
	Price    string `json:"price"`
}

type m8File struct {
	head
	Object string `json:"related_object"`
	Of     string `json:"related_object_uuid"`
	Name   string `json:"attachment_name"`
	Type   string `json:"file_type"`
}

// list reads the records of a kind that a filter lets through, page after page.
func list[T any](ctx context.Context, m serviceM8, kind, filter string) (all []T, err error) {
	for cursor := "-1"; cursor != ""; {
		q := url.Values{"cursor": {cursor}}
		if filter != "" {
			q.Set("$filter", filter)
		}
		var (
			a    answer
			page []T
		)
		if a, err = m.call(ctx, http.MethodGet, "/"+kind+".json?"+q.Encode(), nil); err != nil {
			return nil, err
		}
		if err := a.into(&page); err != nil {
			return nil, err
		}
		all, cursor = append(all, page...), a.header.Get("X-Next-Cursor")
	}
	return all, nil
}

// overlap is looked at again each time: edit_date has whole seconds, the filter
// knows no "or at that moment", a record may be saved a moment after its date, and
// in the night in which clocks go back an hour comes twice.
const overlap = time.Hour + 10*time.Second

// changedSince is the filter for what has changed since a moment.
func changedSince(last string) string {
	if after := since(last); after != "" {
		return "edit_date gt '" + after + "'"
	}
	return ""
}

// since is from when on records are looked at that were looked at up to last.
func since(last string) string {
	at, err := time.Parse(edited, last)
	if err != nil {
		return ""
	}
	return at.Add(-overlap).Format(edited)
}

// latest is the last edit_date among records.
func latest[T interface{ date() string }](last string, all []T) string {
	for _, r := range all {
		last = max(last, r.date())
	}
	return last
}

func (h head) id() string   { return h.UUID }
func (h head) date() string { return h.Edited }

// create creates a record that has the uuid that we give it, once: whether it is
// there is asked before each attempt, since an answer may get lost.
func (m serviceM8) create(ctx context.Context, kind, uuid string, fields map[string]any) error {
	fields["uuid"] = uuid
	body, err := json.Marshal(fields)
	if err != nil {
		return err //nolint:wrapcheck // texts are always written
	}
	for attempt := range attempts {
		_, err := m.call(ctx, http.MethodGet, "/"+kind+"/"+uuid+".json", nil)
		if err == nil || !is(err, http.StatusNotFound) {
			return err
		}
		_, hold, err := m.once(ctx, http.MethodPost, "/"+kind+".json", body)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if r, final := asRefusal(err); final {
			// An attempt that we have given up waiting for may have come through since.
			if _, err := m.call(ctx, http.MethodGet, "/"+kind+"/"+uuid+".json", nil); !is(err, http.StatusNotFound) {
				return err
			}
			return r
		}
		if err := m.pause(ctx, max(hold, min(firstWait<<attempt, longest))); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s %s could not be created", kind, uuid)
}

// fetch reads a record.
func fetch[T any](ctx context.Context, m serviceM8, kind, uuid string) (record T, err error) {
	a, err := m.call(ctx, http.MethodGet, "/"+kind+"/"+url.PathEscape(uuid)+".json", nil)
	if err != nil {
		return record, err
	}
	return record, a.into(&record)
}

// change changes fields of a record.
func (m serviceM8) change(ctx context.Context, kind, uuid string, fields map[string]any) error {
	body, err := json.Marshal(fields)
	if err != nil {
		return err //nolint:wrapcheck // texts are always written
	}
	_, err = m.call(ctx, http.MethodPost, "/"+kind+"/"+uuid+".json", body)
	return err
}

// addFile attaches a file to a job, under the uuid that we give it. The bytes come
// second; sent again, they are the same.
func (m serviceM8) addFile(ctx context.Context, uuid, job, name string, content []byte) error {
	ext := strings.ToLower(path.Ext(name))
	err := m.create(ctx, "attachment", uuid, map[string]any{"related_object": "job", "related_object_uuid": job, "attachment_name": strings.TrimSuffix(name, path.Ext(name)), "file_type": ext, "active": 1})
	if err != nil {
		return err
	}
	_, err = m.call(ctx, http.MethodPost, "/attachment/"+uuid+".file", content, "Content-Type", "application/octet-stream")
	return err
}

// named is a uuid made of what it stands for: the same always gets the same. Its last
// four bytes follow from the others.
func named(parts ...string) string {
	sum := sha1.Sum([]byte("fieldgate " + strings.Join(parts, " "))) //nolint:gosec // see above
	sum[6], sum[8] = sum[6]&0x0f|0x50, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], append(sum[10:12], ending(sum[:12])...))
}

func ending(of []byte) []byte {
	sum := sha1.Sum(of) //nolint:gosec // see above
	return sum[:4]
}

// ours reports whether a uuid is one that named has made.
func ours(uuid string) bool {
	b, err := hex.DecodeString(strings.ReplaceAll(uuid, "-", ""))
	return err == nil && len(b) == 16 && bytes.Equal(b[12:], ending(b[:12]))
}
