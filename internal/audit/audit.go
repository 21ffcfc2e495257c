// Package audit records who changed what. Every write of the program, by staff,
// contacts or the program itself, adds an entry in its own transaction; the
// database refuses to change or remove one.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// Actor is who does something, and from where. The zero Actor is the system itself.
type Actor struct {
	Staff    int64 // set for staff
	Contact  int64 // set for a contact, with Person
	Person   int64
	Name     string
	Operator bool // at the server's command line
	Address  netip.Addr
	Request  string // the request's id, the same as in the log
}

func (a Actor) kind() string {
	switch {
	case a.Staff != 0:
		return "staff"
	case a.Contact != 0 || a.Person != 0:
		return "contact"
	case a.Operator:
		return "operator"
	}
	return "system"
}

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

// Record adds an entry.
func Record(ctx context.Context, tx postgres.Tx, by Actor, n New) error {
	before, after, err := changes(n.Before, n.After)
	if err != nil {
		return fmt.Errorf("audit %s %s: %w", n.Action.thing, n.Action.name, err)
	}
	_, err = tx.Exec(ctx, `
		insert into audit_entries (actor, staff_id, contact_id, person_id, actor_name, action, thing, thing_id, thing_label, customer_id, before, after, address, request_id)
		values (@actor, nullif(@staff, 0), nullif(@contact, 0), nullif(@person, 0), @name, @action, @thing, nullif(@id, 0), @label, nullif(@customer, 0), @before, @after, @address, @request)`,
		pgx.NamedArgs{
			"actor": by.kind(), "staff": by.Staff, "contact": by.Contact, "person": by.Person, "name": by.Name, "action": n.Action.name, "thing": n.Action.thing,
			"id": n.ID, "label": n.Label, "customer": n.Customer, "before": before, "after": after, "address": by.From(), "request": by.Request,
		})
	if err != nil {
		return fmt.Errorf("audit %s %s: %w", n.Action.thing, n.Action.name, err)
	}
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
