package exchange

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/contact"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// noun is how things of a kind are read, found, judged and written.
type noun struct {
	table      string
	key        string // the column of Head.ID
	ofCustomer bool   // names are those of one customer
	columns    string // of the record; the table is t
	joins      string
	named      string // finds by what people call it: id, whether that is sure, whether it is archived; "" of what nothing refers to

	load    func(ctx context.Context, db postgres.DB, sql string, args pgx.NamedArgs, take func(Record) error) error
	blank   func(By) Record
	natural func(ctx context.Context, db postgres.DB, r *Refs, now Record) (int64, error)
	stay    func(was, now Record) // takes back what stays as it is once it is here; nil for nothing
	judge   func(*judging) error  // finds what the record refers to, and says what is wrong with it
	write   func(ctx context.Context, tx postgres.Tx, by By, was, now Record) (row int64, err error)
	names   func(Record) []string // by which others refer to it
}

// nouns are filled when the program starts: they refer to each other.
var nouns map[Kind]noun

func init() { //nolint:gochecknoinits // an initialisation cycle otherwise: references are found by the table that has them
	nouns = map[Kind]noun{
		Staff: staffNoun, JobTypes: jobTypeNoun, Customers: customerNoun, Sites: siteNoun, Contacts: contactNoun, Equipment: equipmentNoun,
		Quotes: quoteNoun, Jobs: jobNoun, Tasks: taskNoun, Time: timeNoun,
	}
}

// head are the columns of Head.
func (n noun) head(k Kind) string {
	customer, archived := "t.customer_id", "null::timestamptz"
	switch k {
	case Staff, JobTypes:
		customer = "0::bigint"
	case Customers:
		customer = "t.id"
	case Sites, Contacts, Equipment, Quotes, Jobs, Tasks, Time:
	}
	switch k {
	case Staff, Customers, Sites, Contacts:
		archived = "t.archived_at"
	case JobTypes, Equipment, Quotes, Jobs, Tasks, Time:
	}
	return `t.id as row, ` + customer + ` as customer_row, t.` + n.key + `::text as key, t.version, ` + changedAt(k) + ` as updated_at, ` + archived + ` as archived_at,
		coalesce((select jsonb_agg(jsonb_build_object('source', x.source, 'id', x.id) order by x.source, x.id) from external_ids x where x.kind = '` + string(k) + `' and x.row_id = t.id), '[]') as external_ids, `
}

// changedAt is when a row changed in any way.
func changedAt(k Kind) string {
	if k == Jobs || k == Quotes {
		return "t.changed_at"
	}
	return "t.updated_at"
}

func (n noun) sql(k Kind) string {
	return `select ` + n.head(k) + n.columns + ` from ` + n.table + ` t ` + n.joins
}

// loader reads records of a type, one after the other.
func loader[T any, P interface {
	*T
	Record
}](finish func(P)) func(context.Context, postgres.DB, string, pgx.NamedArgs, func(Record) error) error {
	return func(ctx context.Context, db postgres.DB, sql string, args pgx.NamedArgs, take func(Record) error) error {
		ctx, stop := context.WithCancel(ctx) // what takes them may have had enough
		defer stop()
		rows, err := db.Query(ctx, sql, args)
		if err != nil {
			return fmt.Errorf("read records: %w", err)
		}
		var enough error
		err = postgres.EachByName(rows, func(t T) {
			if enough != nil {
				return
			}
			p := P(&t)
			if finish != nil {
				finish(p)
			}
			if enough = take(p); enough != nil {
				stop()
			}
		})
		if enough != nil {
			return enough
		}
		if err != nil {
			return fmt.Errorf("read records: %w", err)
		}
		return nil
	}
}

// all are the records of a statement.
func (n noun) all(ctx context.Context, db postgres.DB, sql string, args pgx.NamedArgs) (all []Record, err error) {
	err = n.load(ctx, db, sql, args, func(r Record) error {
		all = append(all, r)
		return nil
	})
	return all, err
}

// Each goes through all there is of a kind, what is archived too, in the order in
// which it was made. Records come one by one, however many there are; what take
// returns ends it, and the transaction.
func Each(ctx context.Context, tx postgres.Tx, k Kind, take func(Record) error) error {
	n := nouns[k]
	return eachByCursor(ctx, tx, string(k), n.sql(k)+` order by t.id`, n.load, take)
}

func eachByCursor(ctx context.Context, tx postgres.Tx, name, sql string, load func(context.Context, postgres.DB, string, pgx.NamedArgs, func(Record) error) error, take func(Record) error) error {
	return postgres.ByCursor(ctx, tx, "each_"+strings.ReplaceAll(name, "-", "_"), sql, func(fetch string) (rows int, err error) {
		err = load(ctx, tx, fetch, nil, func(r Record) error {
			rows++
			return take(r)
		})
		return rows, err
	})
}

// What a record calls another one has to find that one again. Where people call
// two things alike, or by what a list would take apart, it is "#" and the id.
const unlike = ` ~ '^#|[;\n]'`

// siteName, contactName and staffName are in SQL what records call those things.
const siteName = `coalesce(case when s.name` + unlike + ` or s.archived_at is not null and exists (select from sites o where o.customer_id = s.customer_id and lower(o.name) = lower(s.name) and o.id <> s.id)
	then '#' || s.id else s.name end, '')`

func contactName(c string) string {
	name := `coalesce(nullif(` + c + `.email, ''), ` + c + `.name)`
	return `coalesce(case when ` + name + unlike + ` or ` + c + `.erased_at is not null or (` + c + `.archived_at is not null or ` + c + `.email = '')
			and exists (select from contacts o where o.customer_id = ` + c + `.customer_id and lower(` + name + `) in (lower(o.email), lower(o.name)) and o.id <> ` + c + `.id)
		then '#' || ` + c + `.id else ` + name + ` end, '')`
}

func staffName(m string) string {
	return `coalesce(case when ` + m + `.name` + unlike + ` or exists (select from staff o where lower(` + m + `.name) in (lower(o.name), lower(o.email)) and o.id <> ` + m + `.id) then '#' || ` + m + `.id else ` + m + `.name end, '')`
}

// judging looks at one record that came in.
type judging struct {
	ctx      context.Context //nolint:containedctx // lives for one record
	db       postgres.DB
	by       By
	refs     *Refs
	reach    Reach
	was, now Record // was is nil for a new one
	problems problem.Set
	promised bool // it refers to what a dry run would make
	err      error
}

// ref is what a field names. Nothing named is 0, and so is what is not there,
// which is a problem of the field.
func (j *judging) ref(field string, k Kind, customer int64, name string) int64 {
	if j.err != nil || nouns[k].ofCustomer && customer == 0 {
		return 0 // of nobody nothing is there; who asks is told of the customer alone
	}
	if !nouns[k].ofCustomer {
		customer = 0
	}
	row, err := j.refs.find(j.ctx, j.db, k, customer, name)
	switch {
	case errors.Is(err, errSeveral) && j.refs.doubts(place{k, customer, strings.ToLower(name)}):
		j.problems.Add(field, fmt.Sprintf("Two %ss%s in this file are called “%s”. Give one of them a name of its own, and write here which of the two it is.", k.One(), ofThis(k), name))
		return 0
	case errors.Is(err, errSeveral):
		j.problems.Add(field, fmt.Sprintf("There is more than one %s called “%s”. %s", k.One(), name, sayWhich(k)))
		return 0
	case err != nil:
		j.err = err
		return 0
	}
	if row > 0 && !j.sees(k, row) {
		row = 0
	}
	j.problems.Unless(row != 0 || name == "", field, fmt.Sprintf("There is no %s “%s”%s.", k.One(), name, ofThis(k)))
	j.promised = j.promised || row < 0
	return row
}

// sees reports whether the record may refer to a row: to customers within reach,
// and to jobs and quotes of its own customer.
func (j *judging) sees(k Kind, row int64) bool {
	if k == Customers {
		return j.reach.Has(row)
	}
	if k != Jobs && k != Quotes {
		return true
	}
	var of int64
	if err := j.db.QueryRow(j.ctx, `select customer_id from `+nouns[k].table+` where id = $1`, row).Scan(&of); err != nil {
		j.err = fmt.Errorf("customer of a %s: %w", k.One(), err)
		return false
	}
	whose := j.now.head().CustomerRow
	return j.reach.Has(of) && (whose == 0 || of == whose)
}

// sayWhich says by what things of one name are told apart.
func sayWhich(k Kind) string {
	switch k {
	case Contacts, Staff:
		return "Say which by the email address."
	case Customers:
		return "Say which by its number."
	case Sites, JobTypes, Equipment, Quotes, Jobs, Tasks, Time:
	}
	return "Say which by its number or id."
}

func ofThis(k Kind) string {
	if nouns[k].ofCustomer || k == Quotes {
		return " of this customer"
	}
	return ""
}

// refsOf is ref for a list.
func (j *judging) refsOf(field string, k Kind, customer int64, names []string) (rows []int64) {
	for _, name := range names {
		if row := j.ref(field, k, customer, name); row != 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

// customer is whose the record is, which never changes.
func (j *judging) customer(name string) int64 {
	row := j.ref("customer", Customers, 0, name)
	j.problems.Unless(row != 0 || j.problems["customer"] != "", "customer", "Say which customer.")
	if j.was != nil && row != 0 {
		j.problems.Unless(row == HeadOf(j.was).CustomerRow, "customer", "This belongs to another customer, and stays there.")
	}
	return row
}

// join adds what the form would say.
func (j *judging) join(problems problem.Set) { j.problems.Join(problems) }

// permissionsOf are the permissions of a contact as a list has them, in SQL.
func permissionsSQL(c string) string {
	var parts []string
	for _, f := range contact.PermissionFields {
		if len(f.Scopes()) > 0 {
			parts = append(parts, `case when `+c+`.`+f.Name+` <> 'none' then '`+f.Name+`=' || `+c+`.`+f.Name+` end`)
			continue
		}
		parts = append(parts, `case when `+c+`.`+f.Name+` then '`+f.Name+`' end`)
	}
	return `array_remove(array[` + strings.Join(append(parts, `case when not `+c+`.all_sites then '`+selectedSites+`' end`), ", ") + `], null)`
}

// selectedSites says that a contact sees the selected sites alone, even none.
const selectedSites = "selected_sites"

// permissions reads the list; what is no permission is a problem.
func permissions(names []string, p problem.Set) contact.Permissions {
	held := contact.Permissions{AllSites: true, JobsSee: contact.None, QuotesSee: contact.None, EquipmentSee: contact.None}
	for _, name := range names {
		field, value, _ := strings.Cut(name, "=")
		if field == selectedSites {
			held.AllSites = false
			continue
		}
		known := false
		for _, f := range contact.PermissionFields {
			if f.Name == field {
				known = true
				if value == "" {
					value = "yes"
				}
				f.Set(&held, value)
			}
		}
		p.Unless(known, "permissions", fmt.Sprintf("“%s” is no permission.", name))
	}
	return held
}

// tidied is a list of permissions as the database gives it. One with something
// that is no permission stays as it is, to be refused.
func tidied(names, sites []string) (all []string) {
	wrong := problem.Set{}
	held := permissions(names, wrong)
	if len(wrong) > 0 {
		return names
	}
	for _, f := range contact.PermissionFields {
		switch {
		case !f.Has(held):
		case len(f.Scopes()) > 0:
			all = append(all, f.Name+"="+f.Value(held))
		default:
			all = append(all, f.Name)
		}
	}
	if !held.AllSites || len(sites) > 0 {
		all = append(all, selectedSites)
	}
	return all
}
