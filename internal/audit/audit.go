// Package audit records who changed what. Every write of the program, by staff,
// contacts or the program itself, adds an entry in its own transaction; the
// database refuses to change or remove one.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/postgres"
)

// Actor is who does something, and from where. The zero Actor is the system itself.
type Actor struct {
	Staff    int64 // set for staff
	Contact  int64 // set for a contact, with Person
	Person   int64
	Token    int64   // set for a token of the API
	Reach    []int64 // the customers whom the token may reach; nil for all
	Name     string  // of a token: TokenName
	Operator bool    // at the server's command line
	Address  netip.Addr
	Request  string // the request's id, the same as in the log

	// What the limits on guessing need to know of a visitor, and nobody else.
	Device  string // the token of the browser's device, "" without one
	Browser string // what the browser calls itself
	// Proxied says that Address is that of a proxy which the program was not told
	// of; Claimed is then whom the proxy says it speaks for, if it does.
	Proxied bool
	Claimed netip.Addr
}

func (a Actor) kind() string {
	switch {
	case a.Staff != 0:
		return ByStaff
	case a.Token != 0:
		return ByToken
	case a.Contact != 0 || a.Person != 0:
		return ByContact
	case a.Operator:
		return ByOperator
	}
	return BySystem
}

// ForOffice reports whether it is the business that acts: a member of staff, or a
// token that one of them made.
func (a Actor) ForOffice() bool { return a.Staff != 0 || a.Token != 0 }

// Reaches reports whether what belongs to a customer, 0 for what belongs to
// none, is within the actor's reach.
func (a Actor) Reaches(customer int64) bool {
	return a.Token == 0 || a.Reach == nil || slices.Contains(a.Reach, customer)
}

// TokenName is what a token is called beside people.
func TokenName(token string) string { return "API: " + token }

// From is the address that the actor came from, nil when it is not known.
func (a Actor) From() *netip.Addr {
	if !a.Address.IsValid() {
		return nil
	}
	return &a.Address
}

// New says what was done to which thing. Before and After are any values that
// marshal to JSON; when both are structs or maps only the fields that differ are kept.
type New struct {
	Action   Action
	ID       int64
	Label    string // how people name it: its number or name
	Customer int64  // 0 when it belongs to none
	Before   any
	After    any
}

// Record adds an entry. What is asked of it later stands in tables of its own,
// written by the same statement: which fields an edit changed, when Before and
// After carry a "version", that a contact changed details, and the event that
// systems are told of.
//
// Every deed ends here, in its own transaction, so this is where a token is kept
// from what is not for tokens, and from customers out of its reach: for it, those
// do not exist.
func Record(ctx context.Context, tx postgres.Tx, by Actor, n New) error {
	switch {
	case !by.Reaches(n.Customer):
		return apperr.NotFound
	case by.Token != 0 && !n.Action.ByTokens():
		return apperr.Forbidden{Words: "This is for staff in the office, not for a token of the API."}
	}
	before, after, err := changes(n.Before, n.After)
	if err != nil {
		return fmt.Errorf("audit %s %s: %w", n.Action.thing, n.Action.name, err)
	}
	args := pgx.NamedArgs{
		"actor": by.kind(), "staff": by.Staff, "contact": by.Contact, "person": by.Person, "token": by.Token, "name": by.Name, "action": n.Action.name, "thing": n.Action.thing,
		"id": n.ID, "label": n.Label, "customer": n.Customer, "before": before, "after": after, "address": by.From(), "request": by.Request,
	}
	sql := `
		insert into audit_entries (actor, staff_id, contact_id, person_id, token_id, actor_name, action, thing, thing_id, thing_label, customer_id, before, after, address, request_id)
		values (@actor, nullif(@staff::bigint, 0), nullif(@contact::bigint, 0), nullif(@person::bigint, 0), nullif(@token::bigint, 0), @name::text, @action, @thing::text, nullif(@id::bigint, 0), @label,
			nullif(@customer::bigint, 0), @before::jsonb, @after::jsonb, @address, @request)`
	var with []string
	if version, ok := after["version"].(float64); ok && before != nil {
		args["version"] = int64(version)
		with = append(with, `edit as (
			insert into edits (thing, thing_id, version, by_name, before, after) values (@thing::text, @id::bigint, @version, @name::text, @before::jsonb, @after::jsonb))`)
	}
	if by.kind() == ByContact && n.Action.ChangesDetails() {
		with = append(with, `change as (insert into detail_changes (customer_id, contact_id) values (@customer::bigint, @contact::bigint))`)
	}
	if event := eventBy(by, n, before, after); event != nil {
		maps.Copy(args, event)
		with = append(with, insertEvent)
	}
	if len(with) > 0 {
		sql = "with " + strings.Join(with, ", ") + sql
	}
	if _, err = tx.Exec(ctx, sql, args); err != nil {
		return fmt.Errorf("audit %s %s: %w", n.Action.thing, n.Action.name, err)
	}
	logWatched(ctx, by, n, after)
	return nil
}

func changes(before, after any) (b, a map[string]any, err error) {
	if b, err = fields(before); err != nil {
		return nil, nil, err
	}
	if a, err = fields(after); err != nil {
		return nil, nil, err
	}
	if b == nil || a == nil {
		return b, a, nil
	}
	for k, v := range b {
		if w, ok := a[k]; ok && reflect.DeepEqual(v, w) {
			delete(b, k)
			delete(a, k)
		}
	}
	return b, a, nil
}

func fields(v any) (map[string]any, error) {
	if v == nil {
		return nil, nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		return map[string]any{"value": json.RawMessage(raw)}, nil //nolint:nilerr // not an object: kept whole
	}
	return m, nil
}
