package list

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// cursor is a place in a list: the sort key and id of a row, and the order
// they belong to, so that one of another order is not taken.
type cursor struct {
	sort string
	key  string
	id   int64
}

type cursorJSON struct {
	S string `json:"s"`
	K string `json:"k"`
	I int64  `json:"i"`
}

func (c cursor) encode() string {
	b, err := json.Marshal(cursorJSON{c.sort, c.key, c.id})
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// decode reads a cursor; nonsense is the list's beginning.
func decode(text string) (cursor, bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if text == "" || err != nil || len(b) > 4096 {
		return cursor{}, false
	}
	var c cursorJSON
	if json.Unmarshal(b, &c) != nil || strings.ContainsRune(c.K, 0) {
		return cursor{}, false
	}
	return cursor{c.S, c.K, c.I}, true
}

// fits reports whether the key can be a value of the SQL type; a cursor comes
// from an address, where anybody may write anything.
func (c cursor) fits(sqlType string) bool {
	switch sqlType {
	case "timestamptz":
		return c.isTime("2006-01-02 15:04:05.999999Z07")
	case "date":
		return c.isTime("2006-01-02")
	case "bigint":
		_, err := strconv.ParseInt(c.key, 10, 64)
		return err == nil
	case "text":
		return utf8.ValidString(c.key)
	}
	panic("a cursor of a list has no " + sqlType) // its second page would be its first
}

// isTime leaves out what Go reads and PostgreSQL does not: the year 0, and
// places further from Greenwich than anybody lives.
func (c cursor) isTime(layout string) bool {
	at, err := time.Parse(layout, c.key)
	_, east := at.Zone()
	return c.key == "infinity" || c.key == "-infinity" || (err == nil && at.Year() > 0 && max(east, -east) < 16*60*60)
}
