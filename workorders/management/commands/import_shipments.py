from workorders.management.imports import ImportCommand
from workorders.services.importing import import_shipments


class Command(ImportCommand):
    help = (
        "Create or update RMA/FSO shipments by number from a CSV file."
        " Imports all rows or none, unless --rejects is given."
    )
    run_import = staticmethod(import_shipments)
