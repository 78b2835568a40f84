using CertFunctions.App.Acme;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Bundles;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.App.Events;
using CertFunctions.App.Health;
using CertFunctions.App.Issuers;
using CertFunctions.App.Schedule;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware<DenyByDefault>();
builder.UseMiddleware<LeaveHeartbeat>();

builder.Services.AddApi(builder.Configuration);
builder.Services.AddEvents();
builder.Services.AddHistory();
builder.Services.AddSchedule(builder.Configuration);
builder.Services.AddKeyVault(builder.Configuration);
builder.Services.AddCertificates();
builder.Services.AddIssuers(builder.Configuration);
builder.Services.AddCertificateRequests(builder.Configuration);
builder.Services.AddAcme(builder.Configuration);
builder.Services.AddHealth(builder.Configuration);
builder.Services.AddBundles(builder.Configuration);

builder.Build().Run();
