package notify

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// everything is the name under which it is kept that a contact wants to hear of
// all records they may see, and not only of those whose main contact they are.
const everything = "everything"

// Area is a part of the portal that a contact may see, or not.
type Area string

// The areas that mails tell of. AnyArea is for those about more than one.
const (
	AnyArea    Area = ""
	JobsArea   Area = "jobs"
	QuotesArea Area = "quotes"
)

// Choice is a kind of mail that a contact may turn off.
type Choice struct {
	Kind   Kind
	Label  string
	Says   string
	Area   Area
	Wanted bool
	Phone  bool // on their phone
}

// Made are choices as they are stored, by kind.
type Made struct{ Emails, Phone map[string]bool }

// Want is what somebody wants of a kind.
type Want struct{ Email, Phone bool }

// Choices are what a contact wants to be told of.
type Choices struct {
	Kinds []Choice
	// Everything says: of all records they may see.
	Everything bool
}

// ChoicesOf are a contact's choices, of those made. Whoever has chosen nothing
// gets every kind, about their own records.
func ChoicesOf(made Made) Choices {
	c := Choices{Everything: made.Emails[everything]}
	for _, l := range table {
		if l.Choice == "" {
			continue
		}
		wanted, chosen := made.Emails[string(l.Kind)]
		phone, picked := made.Phone[string(l.Kind)]
		c.Kinds = append(c.Kinds, Choice{Kind: l.Kind, Label: l.Choice, Says: l.Says, Area: l.area(), Wanted: wanted || !chosen, Phone: phone || (!picked && l.Phone)})
	}
	return c
}

func (l Line) area() Area {
	switch l.visible {
	case visibleJob:
		return JobsArea
	case visibleQuote:
		return QuotesArea
	}
	return AnyArea
}

// SaveChoices replaces a contact's choices: wanted says it for each kind that
// was asked about, all whether they want to hear of everything they may see.
// Without phones only emails were asked about.
func SaveChoices(ctx context.Context, tx postgres.Tx, by audit.Actor, contact int64, wanted map[Kind]Want, phones, all bool) error {
	emails, err := byEmail.made(ctx, tx, contact)
	if err != nil {
		return err
	}
	phone, err := onPhone.made(ctx, tx, contact)
	if err != nil {
		return err
	}
	before := ChoicesOf(Made{emails, phone})
	was, is := Made{map[string]bool{everything: before.Everything}, map[string]bool{}}, Made{map[string]bool{everything: all}, map[string]bool{}}
	for _, c := range before.Kinds {
		if w, asked := wanted[c.Kind]; asked {
			k := string(c.Kind)
			was.Emails[k], is.Emails[k] = c.Wanted, w.Email
			was.Phone[k], is.Phone[k] = c.Phone, w.Phone
		}
	}
	if err := byEmail.save(ctx, tx, by, contact, was.Emails, is.Emails); err != nil || !phones {
		return err
	}
	return onPhone.save(ctx, tx, by, contact, was.Phone, is.Phone)
}

// chosen is where choices of one way of telling stand, and how the trail calls them.
type chosen struct {
	read, insert string // statements up to where they are the same
	action       audit.Action
}

var (
	byEmail = chosen{`select kind, wanted from mail_choices`, `insert into mail_choices`, audit.ContactChoseEmails}
	onPhone = chosen{`select kind, wanted from push_choices`, `insert into push_choices`, audit.ContactChoseNotifications}
)

// made are a contact's choices as they are stored, by kind.
func (c chosen) made(ctx context.Context, tx postgres.Tx, contact int64) (map[string]bool, error) {
	rows, err := tx.Query(ctx, c.read+` where contact_id = $1`, contact)
	if err != nil {
		return nil, fmt.Errorf("read the choices of contact %d: %w", contact, err)
	}
	all := map[string]bool{}
	var kind string
	var yes bool
	if _, err := pgx.ForEachRow(rows, []any{&kind, &yes}, func() error { all[kind] = yes; return nil }); err != nil {
		return nil, fmt.Errorf("read the choices of contact %d: %w", contact, err)
	}
	return all, nil
}

// save keeps what is another choice now.
func (c chosen) save(ctx context.Context, tx postgres.Tx, by audit.Actor, contact int64, was, is map[string]bool) error {
	var (
		name     string
		customer int64
		kinds    []string
		wanted   []bool
	)
	for k, w := range is {
		if was[k] != w {
			kinds, wanted = append(kinds, k), append(wanted, w)
		}
	}
	if len(kinds) == 0 {
		return nil
	}
	if err := tx.QueryRow(ctx, `select name, customer_id from contacts where id = $1 for no key update`, contact).Scan(&name, &customer); err != nil {
		return fmt.Errorf("choose what contact %d is told: %w", contact, err)
	}
	_, err := tx.Exec(ctx, c.insert+` (customer_id, contact_id, kind, wanted)
		select @customer, @contact, kind, wanted from unnest(@kinds::text[], @wanted::boolean[]) as chosen (kind, wanted)
		on conflict (contact_id, kind) do update set wanted = excluded.wanted`,
		pgx.NamedArgs{"customer": customer, "contact": contact, "kinds": kinds, "wanted": wanted})
	if err != nil {
		return fmt.Errorf("choose what contact %d is told: %w", contact, err)
	}
	return audit.Record(ctx, tx, by, audit.New{Action: c.action, ID: contact, Label: name, Customer: customer, Before: was, After: is})
}

// Stopper ends a kind of mail for a contact by the token in the mail, without
// signing in. The token is sealed with the secret key: nobody else makes one. It
// works as long as the contact has access, and the address that the mail went
// to: whoever had the address before neither learns of nor decides for the next one.
type Stopper struct {
	Pool *pgxpool.Pool
	Box  *secret.Box
}

const stopping = "stop mail"

// stopToken is what a mail to that address carries to end its kind.
func stopToken(box *secret.Box, contact int64, kind Kind, address string) string {
	return base64.RawURLEncoding.EncodeToString(box.Seal(fmt.Appendf(nil, "%d %s %s", contact, kind, mark(address)), stopping))
}

// mark stands for an address in a token, and keeps it short.
func mark(address string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(address)))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// Stop is what a token leads to.
type Stop struct {
	Contact  int64
	Name     string // of the contact
	Customer string
	Kind     Kind
	Label    string
	Wanted   bool
	Email    string

	mark string // of the address that the mail went to
}

// Find says which mails the token ends, or apperr.NotFound.
func (s Stopper) Find(ctx context.Context, token string) (Stop, error) {
	found, err := s.open(token)
	if err != nil {
		return Stop{}, err
	}
	err = s.Pool.QueryRow(ctx, `
		select c.name, c.email, coalesce(nullif(cu.company_name, ''), cu.name), coalesce((select m.wanted from mail_choices m where m.contact_id = c.id and m.kind = @kind), true)
		from contacts c join customers cu on cu.id = c.customer_id
		where c.id = @contact and (c.access = 'active' or c.access <> 'suspended' and (select record_links from portal_settings)) and c.archived_at is null and cu.archived_at is null`,
		pgx.NamedArgs{"contact": found.Contact, "kind": string(found.Kind)},
	).Scan(&found.Name, &found.Email, &found.Customer, &found.Wanted)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && mark(found.Email) != found.mark) {
		return Stop{}, apperr.NotFound
	}
	if err != nil {
		return Stop{}, fmt.Errorf("find who wants mail: %w", err)
	}
	return found, nil
}

func (s Stopper) open(token string) (Stop, error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(sealed) > 500 {
		return Stop{}, apperr.NotFound
	}
	plain, err := s.Box.Open(sealed, stopping)
	if err != nil {
		return Stop{}, apperr.NotFound
	}
	id, rest, _ := strings.Cut(string(plain), " ")
	kind, address, _ := strings.Cut(rest, " ")
	contact, err := strconv.ParseInt(id, 10, 64)
	l, known := lineOf(Kind(kind))
	if err != nil || !known || l.Choice == "" {
		return Stop{}, apperr.NotFound
	}
	return Stop{Contact: contact, Kind: l.Kind, Label: l.Choice, mark: address}, nil
}

// Want ends the kind of the token, or takes it up again. From says where the
// wish comes from.
func (s Stopper) Want(ctx context.Context, from audit.Actor, token string, wanted bool) error {
	found, err := s.Find(ctx, token)
	if err != nil {
		return err
	}
	from.Contact, from.Name = found.Contact, found.Name
	return postgres.Transact(ctx, s.Pool, func(tx postgres.Tx) error {
		k := string(found.Kind)
		return byEmail.save(ctx, tx, from, found.Contact, map[string]bool{k: found.Wanted}, map[string]bool{k: wanted})
	})
}
