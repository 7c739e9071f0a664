from workorders.management.imports import ImportCommand
from workorders.services.importing import import_work_orders


class Command(ImportCommand):
    help = (
        "Create or update work orders by number from a CSV file."
        " Imports all rows or none, unless --rejects is given."
    )
    run_import = staticmethod(import_work_orders)
