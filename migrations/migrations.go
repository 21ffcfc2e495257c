// Package migrations holds the database's history and the views of the portal.
package migrations

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"strings"
	"sync"
)

//go:embed *.sql
var files embed.FS

// FS holds the numbered migrations, which goose applies in order.
var FS fs.FS = files

// PortalViews is what customers may see. Its schema is called portal here, and
// by whoever reads it; InPortal puts the name in its place that the schema has
// in the database.
//
//go:embed portal/views.sql
var PortalViews string

// PortalSchema is the schema of this version's views. Each text of the views
// has one of its own, so that a program goes on reading what it knows while
// another one, of the next version, makes and reads its own.
var PortalSchema = sync.OnceValue(func() string {
	sum := sha256.Sum256([]byte(PortalViews))
	return PortalPrefix + hex.EncodeToString(sum[:8])
})

// PortalPrefix is how the names of such schemas begin; 16 digits follow.
const PortalPrefix = "portal_"

// InPortal is SQL with the schema's own name where it says portal. The settings
// of the views, which SQL names in quotes, keep theirs.
func InPortal(sql string) string {
	const name = "portal"
	var b strings.Builder
	from := 0
	for at := 0; ; {
		i := strings.Index(sql[at:], name)
		if i < 0 {
			break
		}
		i += at
		at = i + len(name)
		if !strings.HasPrefix(sql[at:], ".") && !strings.HasSuffix(sql[:i], "schema ") || i > 0 && !mayPrecede(sql[i-1]) {
			continue
		}
		b.WriteString(sql[from:i])
		b.WriteString(PortalSchema())
		from = at
	}
	if from == 0 {
		return sql
	}
	b.WriteString(sql[from:])
	return b.String()
}

// mayPrecede tells a name from the end of another one, and from text in quotes.
func mayPrecede(c byte) bool {
	return c != '\'' && c != '_' && (c|0x20 < 'a' || c|0x20 > 'z')
}
