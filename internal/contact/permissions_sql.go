package contact

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

// The columns of permissions: their names, their arguments in an insert and
// what an update sets.
var (
	permissionNames  = permissionList(func(name string) string { return name })
	permissionValues = permissionList(func(name string) string { return "@" + name })
	permissionSets   = permissionList(func(name string) string { return name + " = @" + name })
)

// permissionList writes something for each column, with commas between.
func permissionList(write func(column string) string) string {
	parts := make([]string, 0, len(PermissionFields)+1)
	for _, f := range PermissionFields {
		parts = append(parts, write(f.Name))
	}
	return strings.Join(append(parts, write("all_sites")), ", ")
}

// ViewColumns are the columns of permissions in a view that has the selected
// sites as a column.
func ViewColumns(view string) string {
	return permissionList(func(name string) string { return view + "." + name }) + ", " + view + ".sites"
}

// PermissionColumns read the permissions of a row of contacts: by their names,
// or in this order into ScanPermissions.
func PermissionColumns(contacts string) string {
	return permissionList(func(name string) string { return contacts + "." + name }) + ", " + selectedSites(contacts)
}

// PermissionColumnsOrNone are PermissionColumns of a contact who may not be
// there, after an outer join: then nothing is allowed.
func PermissionColumnsOrNone(contacts string) string {
	scopes := map[string]bool{}
	for _, f := range PermissionFields {
		scopes[f.Name] = f.scope != nil
	}
	return permissionList(func(name string) string {
		if scopes[name] {
			return "coalesce(" + contacts + "." + name + ", 'none')"
		}
		return "coalesce(" + contacts + "." + name + ", false)"
	}) + ", " + selectedSites(contacts)
}

func selectedSites(contacts string) string {
	return "array(select cs.site_id from contact_sites cs where cs.contact_id = " + contacts + ".id order by cs.site_id) as sites"
}

// ScanPermissions are where a row with PermissionColumns is scanned to.
func ScanPermissions(p *Permissions) []any {
	targets := make([]any, 0, len(PermissionFields)+2)
	for _, f := range PermissionFields {
		if f.scope != nil {
			targets = append(targets, f.scope(p))
		} else {
			targets = append(targets, f.right(p))
		}
	}
	return append(targets, &p.AllSites, &p.Sites)
}

// permissionArgs adds the arguments of permissionValues and permissionSets.
func permissionArgs(args pgx.NamedArgs, p Permissions) {
	for _, f := range PermissionFields {
		if f.scope != nil {
			args[f.Name] = string(*f.scope(&p))
		} else {
			args[f.Name] = *f.right(&p)
		}
	}
	args["all_sites"] = p.AllSites
}

// condition compares the permissions of a row of contacts with these, which
// are literals of ours; the sites do not count.
func (p Permissions) condition(contacts string) string {
	parts := make([]string, 0, len(PermissionFields))
	for _, f := range PermissionFields {
		switch column := contacts + "." + f.Name; {
		case f.scope != nil:
			parts = append(parts, column+" = '"+string(*f.scope(&p))+"'")
		case *f.right(&p):
			parts = append(parts, column)
		default:
			parts = append(parts, "not "+column)
		}
	}
	return strings.Join(parts, " and ")
}
