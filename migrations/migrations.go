// Package migrations holds the database's history and the views of the portal.
package migrations

import (
	"embed"
	_ "embed"
)

// FS holds the numbered migrations, which goose applies in order.
//
//go:embed *.sql
var FS embed.FS

// PortalViews is what customers may see, made anew whenever it changes.
//
//go:embed portal/views.sql
var PortalViews string
