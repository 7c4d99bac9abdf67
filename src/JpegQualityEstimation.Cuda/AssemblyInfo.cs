using System.Runtime.CompilerServices;

// Everything that crosses the border is blittable: no marshalling stubs, nothing hidden.
[assembly: DisableRuntimeMarshalling]
